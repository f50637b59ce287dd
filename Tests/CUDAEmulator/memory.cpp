// Memory of devices and pinned memory, as blocks of the host's; copies between them.
#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "runtime.h"

namespace {
struct Block {
  void *mapping;
  size_t mapped, bytes;
  Device *device;
  bool isPinned;
};
std::map<uint64_t, Block> &blocks = *new std::map<uint64_t, Block>;  // by address

uint64_t number(const void *start) { return reinterpret_cast<uint64_t>(start); }
void *at(quipu_address address) { return reinterpret_cast<void *>(address); }

/// The block that has all the bytes; null where none has.
const Block *blockOf(const void *start, size_t bytes) {
  auto next = blocks.upper_bound(number(start));
  if (next == blocks.begin()) return nullptr;
  auto &[address, block] = *--next;
  return number(start) + bytes <= address + block.bytes ? &block : nullptr;
}

/// Maps bytes that are all ones, which are NaN: pages that are only read are shared by all.
bool mapOnes(char *start, size_t bytes) {
  static constexpr size_t size = 16 << 20;
  static const int file = [] {
    int made = memfd_create("ones", 0);
    std::vector<char> ones(size, char(0xff));
    return made >= 0 && write(made, ones.data(), size) == ssize_t(size) ? made : -1;
  }();
  for (size_t at = 0; at < bytes; at += size)
    if (mmap(start + at, std::min(size, bytes - at), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED)
      return false;
  return true;
}

/// A block that ends where the host's memory ends too, up to 255 bytes for alignment.
int take(quipu_address *address, size_t bytes, bool isPinned) {
  if (int code = standing()) return code;
  if (bytes == 0) return invalidValue;
  Held held(lock);
  if (int code = refuseWhileCapturing()) return code;
  if (!isPinned && bytes > deviceBytes - current->taken) return outOfMemory;
  size_t pages = (bytes + 4095) / 4096 * 4096;
  char *start = static_cast<char *>(
      mmap(nullptr, pages + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (start == MAP_FAILED) return outOfMemory;
  if (!mapOnes(start, pages)) return munmap(start, pages + 4096), outOfMemory;
  *address = number(start + (pages - bytes) / 256 * 256);
  blocks[*address] = {start, pages + 4096, bytes, current, isPinned};
  if (!isPinned) current->taken += bytes;
  return success;
}

/// Waits for the device, as the driver does.
int release(quipu_address address, bool isPinned) {
  if (int code = standing()) return code;
  Held held(lock);
  auto found = blocks.find(address);
  if (found == blocks.end() || found->second.isPinned != isPinned) return invalidValue;
  if (int code = refuseWhileCapturing()) return code;
  Block block = found->second;
  drain(*block.device, held);
  blocks.erase(address);
  if (!isPinned) block.device->taken -= block.bytes;
  munmap(block.mapping, block.mapped);
  return success;
}

/// Copies or fills bytes of a device in the order of a stream.
int move(void *stream, void *to, const void *from, size_t bytes) {
  if (bytes == 0) return success;
  return perform(stream, {}, [=] { memmove(to, from, bytes); });
}

/// True where a block of any device has the bytes.
bool isOnDevice(const void *start, size_t bytes) {
  Held held(lock);
  auto block = blockOf(start, bytes);
  return block && !block->isPinned;
}
}  // namespace

void forgetMemory(Device &device) {
  for (auto next = blocks.begin(); next != blocks.end();) {
    Block block = next->second;
    if (block.device != &device) {
      next++;
      continue;
    }
    munmap(block.mapping, block.mapped);
    next = blocks.erase(next);
  }
  device.taken = 0;
}

bool isReachable(const Device &device, const void *start, size_t bytes) {
  auto block = blockOf(start, bytes);
  return block && (block->isPinned || block->device == &device);
}

bool isPinned(const void *start, size_t bytes) {
  auto block = blockOf(start, bytes);
  return block && block->isPinned;
}

int allocateMemory(quipu_address *address, size_t bytes) { return take(address, bytes, false); }
int freeMemory(quipu_address address) { return release(address, false); }

int allocatePinned(void **start, size_t bytes, unsigned) {
  quipu_address address;
  if (int code = take(&address, bytes, true)) return code;
  *start = at(address);
  return success;
}
int freePinned(void *start) { return release(number(start), true); }

int memoryInfo(size_t *free, size_t *total) {
  if (int code = standing()) return code;
  Held held(lock);
  *total = deviceBytes;
  *free = deviceBytes - current->taken;
  return success;
}

// Memory that is not pinned is read before the call returns, and written before it returns; in a
// capture it is read and written when the graph is carried out.
int copyToDevice(quipu_address to, const void *from, size_t bytes, void *handle) {
  if (int code = standing()) return code;
  if (bytes > 0 && !isOnDevice(at(to), bytes)) return invalidValue;
  Held held(lock);
  Stream *stream = streamOf(handle);
  bool isKept = isPinned(from, bytes) || (stream && stream->capture);
  held.unlock();
  if (isKept || bytes == 0) return move(handle, at(to), from, bytes);
  auto start = static_cast<const char *>(from);
  auto kept = std::make_shared<std::vector<char>>(start, start + bytes);
  return perform(handle, {}, [=] { memcpy(at(to), kept->data(), bytes); });
}

int copyToHost(void *to, quipu_address from, size_t bytes, void *handle) {
  if (int code = standing()) return code;
  if (bytes > 0 && !isOnDevice(at(from), bytes)) return invalidValue;
  if (int code = move(handle, to, at(from), bytes)) return code;
  Held held(lock);
  Stream *stream = streamOf(handle);
  if (isPinned(to, bytes) || stream->capture) return success;
  changed.wait(held, [&] { return stream->isIdle(); });
  return stream->device->error;
}

int copyOnDevice(quipu_address to, quipu_address from, size_t bytes, void *stream) {
  if (int code = standing()) return code;
  if (bytes > 0 && !(isOnDevice(at(to), bytes) && isOnDevice(at(from), bytes))) return invalidValue;
  return move(stream, at(to), at(from), bytes);
}

int fillMemory(quipu_address to, unsigned char value, size_t bytes, void *stream) {
  if (int code = standing()) return code;
  if (bytes > 0 && !isOnDevice(at(to), bytes)) return invalidValue;
  return perform(stream, {}, [=] { memset(at(to), value, bytes); });
}

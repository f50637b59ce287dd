#include <sys/mman.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>

#include "device.h"
#include "fibers.h"
#include "include/CUDAEmulator.h"
#include "kernels.h"
#include "stream.h"

namespace {
using Event = std::chrono::steady_clock::time_point;
std::map<uint64_t, std::pair<void *, size_t>> blocks;  // address: mapping and its size
Recording *recording;

/// Memory that ends where the host's ends too, up to 255 bytes for alignment.
int allocate(quipu_address *address, size_t bytes) {
  size_t pages = (bytes + 4095) / 4096 * 4096;
  char *start = static_cast<char *>(mmap(nullptr, pages + 4096, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (start == MAP_FAILED) return 2;
  mprotect(start + pages, 4096, PROT_NONE);
  memset(start, 0xff, pages);
  *address = reinterpret_cast<uint64_t>(start + (pages - bytes) / 256 * 256);
  blocks[*address] = {start, pages + 4096};
  return 0;
}

int release(quipu_address address) {
  auto found = blocks.find(address);
  if (found == blocks.end()) return 1;
  munmap(found->second.first, found->second.second);
  blocks.erase(found);
  return 0;
}

int copyBytes(void *to, const void *from, size_t bytes) {
  perform([=] { memmove(to, from, bytes); });
  return 0;
}

void *at(quipu_address address) { return reinterpret_cast<void *>(address); }

int launch(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
           unsigned bz, unsigned, void *, void **arguments, void **) {
  if (gz != 1 || by != 1 || bz != 1 || bx == 0 || bx > 1024 || gx == 0 || gy == 0 || gy > 65535)
    return 1;
  auto call = reinterpret_cast<Bind>(function)(arguments);
  perform([=] {
    gridDim = {gx, gy, 1};
    blockDim = {bx, 1, 1};
    for (unsigned y = 0; y < gy; y++)
      for (unsigned x = 0; x < gx; x++) {
        blockIdx = {x, y, 0};
        runBlock(bx, call);
      }
  });
  return 0;
}

int attribute(int *value, int attribute, int) {
  *value = attribute == 75 ? 9 : attribute == 16 ? 132 : 0;
  return 0;
}

int token(void **made) {
  *made = new char;
  return 0;
}
int drop(void *made) {
  delete static_cast<char *>(made);
  return 0;
}

// The compiler: an image is ELF's first bytes and the file's name.
struct Program {
  char name[64];
};
}  // namespace

void perform(std::function<void()> work) {
  if (recording)
    recording->work.push_back(std::move(work));
  else
    work();
}

void emulateProducts(quipu_product *table);
void emulateAttention(quipu_attention *table);

void quipu_emulate(quipu_driver *driver, quipu_compiler *compiler, quipu_product *product,
                   quipu_attention *attention) {
  driver->initialise = [](unsigned) { return 0; };
  driver->version = [](int *version) { return *version = 13000, 0; };
  driver->error_text = [](int, const char **text) { return *text = "an emulated error", 0; };
  driver->device_count = [](int *count) { return *count = 1, 0; };
  driver->device = [](int *device, int ordinal) { return *device = ordinal, 0; };
  driver->device_name = [](char *name, int length, int) {
    return snprintf(name, length, "emulated device"), 0;
  };
  driver->device_attribute = attribute;
  driver->device_memory = [](size_t *bytes, int) { return *bytes = 1ul << 32, 0; };
  driver->retain_context = [](void **context, int) { return *context = &blocks, 0; };
  driver->set_context = [](void *context) { return context == &blocks ? 0 : 201; };
  driver->release_context = [](int) { return 0; };
  driver->allocate = allocate;
  driver->free = release;
  driver->allocate_pinned = [](void **start, size_t bytes, unsigned) {
    return *start = malloc(bytes), 0;
  };
  driver->free_pinned = [](void *start) { return ::free(start), 0; };
  driver->memory_info = [](size_t *free, size_t *total) {
    return *free = *total = 1ul << 32, 0;
  };
  driver->copy_to_device = [](quipu_address to, const void *from, size_t bytes, void *) {
    return copyBytes(at(to), from, bytes);
  };
  driver->copy_to_host = [](void *to, quipu_address from, size_t bytes, void *) {
    return copyBytes(to, at(from), bytes);
  };
  driver->copy = [](quipu_address to, quipu_address from, size_t bytes, void *) {
    return copyBytes(at(to), at(from), bytes);
  };
  driver->fill = [](quipu_address to, unsigned char value, size_t bytes, void *) {
    perform([=] { memset(at(to), value, bytes); });
    return 0;
  };
  driver->create_stream = [](void **stream, unsigned) { return token(stream); };
  driver->destroy_stream = drop;
  driver->synchronise = [](void *) { return recording ? 900 : 0; };
  driver->wait_for = [](void *, void *, unsigned) { return 0; };
  driver->create_event = [](void **event, unsigned) { return *event = new Event, 0; };
  driver->destroy_event = [](void *event) { return delete static_cast<Event *>(event), 0; };
  driver->record = [](void *event, void *) {
    perform([=] { *static_cast<Event *>(event) = std::chrono::steady_clock::now(); });
    return 0;
  };
  driver->synchronise_event = [](void *) { return 0; };
  driver->elapsed = [](float *time, void *from, void *to) {
    *time = std::chrono::duration<float, std::milli>(*static_cast<Event *>(to) -
                                                     *static_cast<Event *>(from))
                .count();
    return 0;
  };
  driver->load_module = [](void **module, const void *image) {
    *module = strdup(static_cast<const char *>(image) + 4);
    return 0;
  };
  driver->unload_module = [](void *module) { return ::free(module), 0; };
  driver->function = [](void **function, void *, const char *name) {
    *function = reinterpret_cast<void *>(kernelNamed(name));
    return *function ? 0 : 500;
  };
  driver->launch = launch;
  driver->begin_capture = [](void *, int) {
    if (recording) return 901;
    recording = new Recording;
    return 0;
  };
  driver->end_capture = [](void *, void **graph) {
    *graph = recording;
    recording = nullptr;
    return 0;
  };
  driver->instantiate = [](void **executable, void *graph, uint64_t) {
    *executable = new Recording(*static_cast<Recording *>(graph));
    return 0;
  };
  driver->launch_graph = [](void *executable, void *) {
    for (auto &work : static_cast<Recording *>(executable)->work) work();
    return 0;
  };
  auto forget = [](void *graph) { return delete static_cast<Recording *>(graph), 0; };
  driver->destroy_executable = forget;
  driver->destroy_graph = forget;

  compiler->version = [](int *major, int *minor) { return *major = 13, *minor = 0, 0; };
  compiler->error_text = [](int) { return "an emulated error"; };
  compiler->create = [](void **program, const char *, const char *name, int, const char *const *,
                        const char *const *) {
    auto made = new Program;
    snprintf(made->name, sizeof made->name, "\177ELF%s", name);
    *program = made;
    return 0;
  };
  compiler->destroy = [](void **program) { return delete static_cast<Program *>(*program), 0; };
  compiler->compile = [](void *, int, const char *const *) { return 0; };
  compiler->log_size = [](void *, size_t *size) { return *size = 0, 0; };
  compiler->log = [](void *, char *) { return 0; };
  compiler->image_size = [](void *, size_t *size) { return *size = sizeof(Program), 0; };
  compiler->image = [](void *program, char *image) {
    memcpy(image, program, sizeof(Program));
    return 0;
  };
  emulateProducts(product);
  emulateAttention(attention);
}

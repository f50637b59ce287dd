// Streams: a queue and a thread each.
#include "streams.h"

#include <atomic>
#include <chrono>

#include "capture.h"

thread_local Device *current;
// Never destroyed: threads of streams may outlive the end of `main`.
Device *const devices = new Device[deviceCount]{{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};
std::mutex &lock = *new std::mutex;
std::condition_variable &changed = *new std::condition_variable;

namespace {
std::map<void *, std::shared_ptr<Stream>> &streams = *new std::map<void *, std::shared_ptr<Stream>>;
std::atomic<uint64_t> seed;
uint64_t created;

/// The next of a stream's pseudo-random numbers.
uint64_t next(uint64_t &state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ull) + seed;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

void serve(std::shared_ptr<Stream> stream) {
  Device &device = *stream->device;
  Held held(lock);
  while (true) {
    stream->wake.wait(held, [&] { return !stream->queue.empty() || stream->isEnded; });
    if (stream->queue.empty()) break;
    Work work = std::move(stream->queue.front());
    stream->queue.pop_front();
    stream->isBusy = true;
    held.unlock();
    pause(stream->pauses);
    auto pending = work(device);
    work = nullptr;
    held.lock();
    if (pending) changed.wait(held, [&] { return pending->isOver(); });
    stream->isBusy = false;
    if (stream->queue.empty()) changed.notify_all();
  }
  device.streams.erase(stream.get());
  changed.notify_all();
}
}  // namespace

void quipu_emulate_delays(uint64_t value) { seed = value; }

void pause(uint64_t &state) {
  if (seed == 0) return;
  uint64_t number = next(state), micros = number >> 8 & 0xff;
  if (number % 64 == 0) micros *= 16;
  if (number % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(micros));
}

size_t chosen(uint64_t &state, size_t count) { return seed == 0 ? 0 : next(state) % count; }

int standing() {
  if (!current) return invalidContext;
  Held held(lock);
  return current->error;
}

Stream *streamOf(void *handle) {
  auto found = streams.find(handle);
  return found == streams.end() ? nullptr : found->second.get();
}

void give(Stream &stream, Work work) {
  stream.queue.push_back(std::move(work));
  stream.wake.notify_one();
}

int enqueue(void *handle, Work work) {
  if (int code = standing()) return code;
  Held held(lock);
  Stream *stream = streamOf(handle);
  if (!stream || stream->device != current) return invalidHandle;
  if (stream->capture) return record(*stream, std::move(work));
  give(*stream, std::move(work));
  return success;
}

int perform(void *stream, std::vector<const void *> touched, std::function<void()> work) {
  return enqueue(stream, [=](Device &device) -> std::shared_ptr<Pending> {
    {
      Held held(lock);
      for (auto address : touched)
        if (address && !isReachable(device, address, 1)) device.error = illegalAddress;
      if (device.error) return nullptr;
    }
    work();
    return nullptr;
  });
}

void drain(Device &device, Held &held) {
  changed.wait(held, [&] {
    for (auto stream : device.streams)
      if (!stream->isIdle()) return false;
    return true;
  });
}

int createStream(void **handle, unsigned) {
  if (int code = standing()) return code;
  auto stream = std::make_shared<Stream>();
  stream->device = current;
  Held held(lock);
  stream->pauses = ++created << 32;
  current->streams.insert(stream.get());
  streams[stream.get()] = stream;
  *handle = stream.get();
  std::thread(serve, stream).detach();
  return success;
}

int destroyStream(void *handle) {
  Held held(lock);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) {
    invalidate(*stream->capture);
    stream->capture->streams.erase(stream);
  }
  stream->isEnded = true;
  stream->wake.notify_one();
  streams.erase(handle);
  return success;
}

int synchroniseStream(void *handle) {
  if (int code = standing()) return code;
  Held held(lock);
  Stream *found = streamOf(handle);
  if (!found) return invalidHandle;
  if (found->capture) return invalidate(*found->capture), captureUnsupported;
  auto stream = streams[handle];
  changed.wait(held, [&] { return stream->isIdle(); });
  return stream->device->error;
}

int queryStream(void *handle) {
  if (int code = standing()) return code;
  Held held(lock);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) return invalidate(*stream->capture), captureUnsupported;
  return stream->device->error ? stream->device->error : stream->isIdle() ? success : notReady;
}

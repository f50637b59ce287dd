// Events: marks in streams that others wait for, and the edges that join them to a capture.
#include <chrono>

#include "capture.h"
#include "streams.h"

namespace {
constexpr unsigned untimed = 2;
struct KeptEvent : Event {
  bool isTimed;
};
std::map<void *, KeptEvent> &events = *new std::map<void *, KeptEvent>;

KeptEvent *eventOf(void *handle) {
  auto found = events.find(handle);
  return found == events.end() ? nullptr : &found->second;
}

double now() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
}  // namespace

int createEvent(void **handle, unsigned flags) {
  if (int code = standing()) return code;
  *handle = new char;
  Held held(lock);
  events[*handle] = {{current, nullptr, nullptr, {}}, (flags & untimed) == 0};
  return success;
}

int destroyEvent(void *handle) {
  Held held(lock);
  if (events.erase(handle) == 0) return invalidHandle;
  delete static_cast<char *>(handle);
  return success;
}

int recordEvent(void *handle, void *streamHandle) {
  if (int code = standing()) return code;
  Held held(lock);
  Event *event = eventOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!event || !stream || event->device != stream->device) return invalidHandle;
  event->mark = nullptr;
  event->capture = stream->capture;
  if (stream->capture) {
    if (stream->capture->isInvalid) return captureInvalidated;
    event->last = stream->last;
    return success;
  }
  auto mark = std::make_shared<Mark>();
  event->mark = mark;
  give(*stream, [mark](Device &) -> std::shared_ptr<Pending> {
    Held held(lock);
    mark->isOver = true;
    mark->milliseconds = now();
    changed.notify_all();
    return nullptr;
  });
  return success;
}

int waitForEvent(void *streamHandle, void *handle, unsigned) {
  if (int code = standing()) return code;
  Held held(lock);
  Event *event = eventOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!event || !stream) return invalidHandle;
  if (event->capture) return join(*stream, *event);
  if (stream->capture) {
    if (!event->mark) return success;
    return invalidate(*stream->capture), captureIsolation;
  }
  if (!event->mark) return success;
  give(*stream, [mark = event->mark](Device &) -> std::shared_ptr<Pending> {
    Held held(lock);
    changed.wait(held, [&] { return mark->isOver; });
    return nullptr;
  });
  return success;
}

int synchroniseEvent(void *handle) {
  if (int code = standing()) return code;
  Held held(lock);
  Event *event = eventOf(handle);
  if (!event) return invalidHandle;
  if (event->capture) return invalidate(*event->capture), capturedEvent;
  auto mark = event->mark;
  if (mark) changed.wait(held, [&] { return mark->isOver; });
  return current->error;
}

int elapsedTime(float *milliseconds, void *fromHandle, void *toHandle) {
  if (int code = standing()) return code;
  Held held(lock);
  KeptEvent *from = eventOf(fromHandle), *to = eventOf(toHandle);
  if (!from || !to || from->device != to->device || !from->isTimed || !to->isTimed || !from->mark ||
      !to->mark)
    return invalidHandle;
  if (!from->mark->isOver || !to->mark->isOver) return notReady;
  *milliseconds = float(to->mark->milliseconds - from->mark->milliseconds);
  return success;
}

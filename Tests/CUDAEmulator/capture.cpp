// Captures of streams, and the graphs that come of them.
#include "capture.h"

#include <algorithm>

namespace {
enum Mode { global = 0, threadLocal = 1, relaxed = 2 };
std::set<std::shared_ptr<Capture>> &captures = *new std::set<std::shared_ptr<Capture>>;

/// True where every node comes before one of `last`.
bool isJoined(const Capture &capture, const std::vector<int> &last) {
  std::vector<bool> isReached(capture.nodes.size());
  for (int node : last) isReached[node] = true;
  for (size_t node = capture.nodes.size(); node-- > 0;)
    if (isReached[node])
      for (int earlier : capture.nodes[node].after) isReached[earlier] = true;
  return std::all_of(isReached.begin(), isReached.end(), [](bool is) { return is; });
}
}  // namespace

int record(Stream &stream, Work work) {
  Capture &capture = *stream.capture;
  if (capture.isInvalid) return captureInvalidated;
  capture.nodes.push_back({std::move(work), stream.last});
  stream.last = {int(capture.nodes.size()) - 1};
  return success;
}

int join(Stream &stream, const Event &event) {
  if (event.capture->isInvalid) return captureInvalidated;
  if (event.capture->isEnded) return capturedEvent;
  if (stream.capture && stream.capture != event.capture) {
    invalidate(*stream.capture);
    invalidate(*event.capture);
    return captureMerge;
  }
  if (!stream.capture) {
    stream.capture = event.capture;
    stream.last.clear();
    event.capture->streams.insert(&stream);
  }
  for (int node : event.last)
    if (std::find(stream.last.begin(), stream.last.end(), node) == stream.last.end())
      stream.last.push_back(node);
  return success;
}

void invalidate(Capture &capture) { capture.isInvalid = true; }

int refuseWhileCapturing() {
  int code = success;
  for (auto &capture : captures) {
    bool isOwn = capture->owner == std::this_thread::get_id() && capture->mode != relaxed;
    if (!isOwn && capture->mode != global) continue;
    invalidate(*capture);
    code = captureUnsupported;
  }
  return code;
}

int beginCapture(void *handle, int mode) {
  if (int code = standing()) return code;
  if (mode < global || mode > relaxed) return invalidValue;
  Held held(lock);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) return illegalState;
  stream->capture = std::make_shared<Capture>();
  stream->capture->mode = mode;
  stream->capture->owner = std::this_thread::get_id();
  stream->capture->origin = stream;
  stream->capture->streams = {stream};
  stream->last.clear();
  captures.insert(stream->capture);
  return success;
}

int endCapture(void *handle, void **graph) {
  *graph = nullptr;
  if (int code = standing()) return code;
  Held held(lock);
  Stream *stream = streamOf(handle);
  if (!stream) return invalidHandle;
  auto capture = stream->capture;
  if (!capture) return illegalState;
  if (capture->mode != relaxed && capture->owner != std::this_thread::get_id())
    return captureWrongThread;
  if (capture->origin != stream) return invalidate(*capture), captureUnmatched;
  int code = capture->isInvalid ? captureInvalidated
             : isJoined(*capture, stream->last) ? success : captureUnjoined;
  for (auto member : capture->streams) member->capture = nullptr;
  capture->isEnded = true;
  captures.erase(capture);
  if (code == success) *graph = new Graph{std::move(capture->nodes)};
  return code;
}

int instantiate(void **executable, void *graph, uint64_t) {
  if (!graph) return invalidValue;
  *executable = new std::shared_ptr<Graph>(new Graph(*static_cast<Graph *>(graph)));
  return success;
}

int launchGraph(void *executable, void *stream) {
  if (!executable) return invalidValue;
  auto graph = *static_cast<std::shared_ptr<Graph> *>(executable);
  auto pauses = std::make_shared<uint64_t>(graph->nodes.size());
  return enqueue(stream, [=](Device &device) -> std::shared_ptr<Pending> {
    run(*graph, device, *pauses);
    return nullptr;
  });
}

void run(const Graph &graph, Device &device, uint64_t &pauses) {
  size_t count = graph.nodes.size(), left = count;
  std::vector<bool> isBegun(count), isOver(count);
  std::vector<std::pair<size_t, std::shared_ptr<Pending>>> underWay;
  while (left > 0) {
    size_t node;
    {
      Held held(lock);
      auto isDone = [&](auto &one) { return one.second->isOver(); };
      std::vector<size_t> ready;
      auto look = [&] {
        for (auto &one : underWay)
          if (isDone(one)) isOver[one.first] = true, left--;
        underWay.erase(std::remove_if(underWay.begin(), underWay.end(), isDone), underWay.end());
        ready.clear();
        for (size_t node = 0; node < count; node++) {
          auto &after = graph.nodes[node].after;
          if (!isBegun[node] &&
              std::all_of(after.begin(), after.end(), [&](int n) { return bool(isOver[n]); }))
            ready.push_back(node);
        }
        return !ready.empty() || left == 0;
      };
      changed.wait(held, look);
      if (left == 0 || device.error) return;
      node = ready[chosen(pauses, ready.size())];
      isBegun[node] = true;
    }
    pause(pauses);
    if (auto pending = graph.nodes[node].work(device))
      underWay.push_back({node, pending});
    else
      isOver[node] = true, left--;
  }
}

int destroyExecutable(void *executable) {
  delete static_cast<std::shared_ptr<Graph> *>(executable);
  return success;
}

int destroyGraph(void *graph) {
  delete static_cast<Graph *>(graph);
  return success;
}

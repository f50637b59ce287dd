#pragma once
#include "runtime.h"

/// A recording of work in the streams that have joined it.
struct Capture {
  int mode;
  std::thread::id owner;
  Stream *origin;
  bool isInvalid = false, isEnded = false;
  std::vector<Node> nodes;
  std::set<Stream *> streams;
};

// All under the lock.
/// Adds work behind what the stream has recorded.
int record(Stream &stream, Work work);
/// Makes a stream part of the capture that an event was recorded in, behind what came before it.
int join(Stream &stream, const Event &event);
/// Spoils a capture: all of its streams refuse work until it is ended.
void invalidate(Capture &capture);

int beginCapture(void *stream, int mode);
int endCapture(void *stream, void **graph);
int instantiate(void **executable, void *graph, uint64_t flags);
int launchGraph(void *executable, void *stream);
int destroyExecutable(void *executable);
int destroyGraph(void *graph);

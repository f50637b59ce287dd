#pragma once
// What the emulated libraries share: devices, their memory, streams of work, graphs of it.
//
// One lock guards all of it but the numbers in memory.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

/// The driver's codes.
enum Code {
  success = 0,
  invalidValue = 1,
  outOfMemory = 2,
  invalidContext = 201,
  invalidHandle = 400,
  illegalState = 401,
  notFound = 500,
  notReady = 600,
  illegalAddress = 700,
  captureUnsupported = 900,
  captureInvalidated = 901,
  captureMerge = 902,
  captureUnmatched = 903,
  captureUnjoined = 904,
  captureIsolation = 905,
  capturedEvent = 907,
  captureWrongThread = 908,
};

struct Capture;
struct Stream;

struct Device {
  int ordinal;
  size_t taken = 0;
  int retained = 0;
  /// What broke the context: every later call gives it.
  int error = success;
  std::set<Stream *> streams;
};
constexpr int deviceCount = 8;
constexpr size_t deviceBytes = 1ul << 32;
extern Device *const devices;
/// The device whose context is current for this thread.
extern thread_local Device *current;

extern std::mutex &lock;
/// Told whenever something ended that a thread may wait for.
extern std::condition_variable &changed;
using Held = std::unique_lock<std::mutex>;

/// Something under way.
struct Pending {
  int left = 1;  // parts that are not over
  bool isOver() const { return left <= 0; }
};

/// Work of a stream. Gives null where it is over when it returns. Called without the lock.
using Work = std::function<std::shared_ptr<Pending>(Device &)>;

struct Node {
  Work work;
  std::vector<int> after;  // earlier nodes that must be over
};
struct Graph {
  std::vector<Node> nodes;
};

struct Stream {
  Device *device;
  std::deque<Work> queue;
  std::condition_variable wake;
  bool isBusy = false, isEnded = false;
  uint64_t pauses;
  /// What records it, if it is recorded, and the nodes that the next one follows.
  std::shared_ptr<Capture> capture;
  std::vector<int> last;

  bool isIdle() const { return queue.empty() && !isBusy; }
};

/// What a stream has come to when it carries out a `record`.
struct Mark {
  bool isOver = false;
  double milliseconds = 0;
};

struct Event {
  Device *device;
  std::shared_ptr<Mark> mark;  // null: never recorded, or recorded in a capture
  std::shared_ptr<Capture> capture;
  std::vector<int> last;
};

/// 0, or why this thread cannot call the driver.
int standing();

/// Gives work to a stream, or records it. The context must be that of the stream's device.
int enqueue(void *stream, Work work);
/// The same for work that returns when it is over and reads or writes at some addresses.
int perform(void *stream, std::vector<const void *> touched, std::function<void()> work);

/// The stream of a handle; null where there is none such. Under the lock.
Stream *streamOf(void *handle);
/// True where the bytes are memory of the device, or pinned. Under the lock.
bool isReachable(const Device &device, const void *start, size_t bytes);
bool isPinned(const void *start, size_t bytes);

/// Pauses a thread if delays are on.
void pause(uint64_t &state);
/// A choice among `count`; 0 while delays are off.
size_t chosen(uint64_t &state, size_t count);
/// Carries out a graph in the order of its dependencies.
void run(const Graph &graph, Device &device, uint64_t &pauses);

/// Refuses a call that must not be made while this thread captures; ends the capture. Under the lock.
int refuseWhileCapturing();
/// Waits until all streams of a device have come to their ends. Under the lock.
void drain(Device &device, Held &held);

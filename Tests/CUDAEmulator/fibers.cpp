#include <csetjmp>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include <ucontext.h>

#include "device.h"
#include "fibers.h"

__thread Index threadIdx, blockIdx, blockDim, gridDim;

namespace {
enum class Wait { none, warp, block, done };

/// A thread of a block: a stack of its own, kept from one block to the next.
///
/// Contexts begin a fiber; jumps, which cost no system call, go between those that have begun.
struct Fiber {
  static constexpr size_t bytes = 64 << 10;
  std::unique_ptr<char[]> stack{new char[bytes]};
  ucontext_t beginning;
  jmp_buf place;
  bool hasBegun = false;
  Wait wait = Wait::none;
};

// Each thread carries out blocks of its own.
thread_local std::vector<std::unique_ptr<Fiber>> fibers;
thread_local std::vector<uint32_t> given;
__thread jmp_buf scheduler;
__thread unsigned currentThread;
__thread const std::function<void()> *body;

[[noreturn]] void fail(const char *what) {
  fprintf(stderr, "emulated kernel: %s, block %u, thread %u\n", what, blockIdx.x, currentThread);
  abort();
}

void giveWay(Wait wait) {
  unsigned self = currentThread;
  fibers[self]->wait = wait;
  if (_setjmp(fibers[self]->place) == 0) _longjmp(scheduler, 1);
  threadIdx = {self, 0, 0};
}

void run() {
  while (true) {
    (*body)();
    giveWay(Wait::done);
  }
}

void resume(unsigned thread) {
  currentThread = thread;
  threadIdx = {thread, 0, 0};
  Fiber &fiber = *fibers[thread];
  if (_setjmp(scheduler) != 0) return;
  if (fiber.hasBegun) _longjmp(fiber.place, 1);
  fiber.hasBegun = true;
  setcontext(&fiber.beginning);
}

/// Runs a warp until all its threads wait for the block or have ended.
void runWarp(unsigned first, unsigned end) {
  while (true) {
    for (unsigned t = first; t < end; t++)
      if (fibers[t]->wait != Wait::done) resume(t);
    Wait wait = fibers[first]->wait;
    for (unsigned t = first; t < end; t++) {
      Wait own = fibers[t]->wait;
      if (own == wait) continue;
      // Threads that have ended no longer come to barriers; to shuffles they should have.
      if (own == Wait::warp || wait == Wait::warp) fail("a shuffle without the whole warp");
      if (wait == Wait::done) wait = own;
    }
    if (wait != Wait::warp) return;
  }
}
}  // namespace

void __syncthreads() { giveWay(Wait::block); }

uint32_t exchanged(uint32_t bits, int mask) {
  given[currentThread] = bits;
  giveWay(Wait::warp);
  uint32_t other = given[currentThread ^ mask];
  giveWay(Wait::warp);  // nobody gives again before all have taken
  return other;
}

void runBlock(unsigned threads, const std::function<void()> &work) {
  while (fibers.size() < threads) {
    auto fiber = std::make_unique<Fiber>();
    getcontext(&fiber->beginning);
    fiber->beginning.uc_stack.ss_sp = fiber->stack.get();
    fiber->beginning.uc_stack.ss_size = Fiber::bytes;
    fiber->beginning.uc_link = nullptr;
    makecontext(&fiber->beginning, run, 0);
    fibers.push_back(std::move(fiber));
  }
  given.resize(fibers.size());
  body = &work;
  for (unsigned t = 0; t < threads; t++) fibers[t]->wait = Wait::none;
  bool isDone = false;
  while (!isDone) {
    isDone = true;
    for (unsigned first = 0; first < threads; first += 32) {
      unsigned end = first + 32 < threads ? first + 32 : threads;
      runWarp(first, end);
      for (unsigned t = first; t < end; t++) isDone &= fibers[t]->wait == Wait::done;
    }
  }
}

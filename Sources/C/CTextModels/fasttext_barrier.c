// The barrier of a training: atomics, and the kernel's help for those who wait long.
#define _GNU_SOURCE
#include "fasttext_training.h"
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <sched.h>
#endif

static void sleep_while(int32_t *address, int32_t value) {
#if defined(__linux__)
  syscall(SYS_futex, address, FUTEX_WAIT_PRIVATE, value, (void *)0, (void *)0, 0);
#else
  (void)address, (void)value;
  sched_yield();
#endif
}

static void wake_all(int32_t *address) {
#if defined(__linux__)
  syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, INT32_MAX, (void *)0, (void *)0, 0);
#else
  (void)address;
#endif
}

static void rest(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void quipu_training_wait(quipu_training_barrier *barrier) {
  int32_t mine = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == barrier->parties) {
    __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
    // Either this sees the sleeper, or the sleeper sees the new round and does not sleep.
    __atomic_store_n(&barrier->round, (int32_t)((uint32_t)mine + 1), __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&barrier->sleepers, __ATOMIC_SEQ_CST) > 0) wake_all(&barrier->round);
    return;
  }
  for (int asked = 0; asked < 100; asked++) {
    if (__atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) != mine) return;
    rest();
  }
  __atomic_add_fetch(&barrier->sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&barrier->round, __ATOMIC_SEQ_CST) == mine) sleep_while(&barrier->round, mine);
  __atomic_sub_fetch(&barrier->sleepers, 1, __ATOMIC_SEQ_CST);
}

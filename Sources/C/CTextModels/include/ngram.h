#pragma once
#include <stdint.h>

/// Asks for the cache line at `address`, which will be read soon.
static inline void quipu_ngram_prefetch(const void *_Nonnull address) { __builtin_prefetch(address, 0); }

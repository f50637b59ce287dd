#pragma once
#include <stdint.h>

/// The hash of fastText: FNV-1a in 32 bits, where each byte is sign-extended before it is mixed in.
static inline uint32_t quipu_fasttext_hash(const uint8_t *_Nonnull bytes, long count) {
  uint32_t hash = 2166136261u;
  for (long i = 0; i < count; i++) hash = (hash ^ (uint32_t)(int32_t)(int8_t)bytes[i]) * 16777619u;
  return hash;
}

// What n-gram kernels read from memory at any address.
#pragma once
#include <stdint.h>
#include <string.h>

static inline uint64_t load64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

static inline uint32_t load32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/// The sign of a float.
static const uint32_t sign = 0x80000000u;

/// hash % count: the quotient by the reciprocal is right or one too small.
static inline uint64_t remainder_of(uint64_t hash, uint64_t count, uint64_t reciprocal) {
  uint64_t quotient = (uint64_t)((unsigned __int128)hash * reciprocal >> 64);
  uint64_t rest = hash - quotient * count;
  return rest >= count ? rest - count : rest;
}

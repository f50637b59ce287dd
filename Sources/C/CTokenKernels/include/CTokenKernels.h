#pragma once
#include <stddef.h>
#include <stdint.h>

/// Marks where text can be cut, by the classes of each byte and the one before it.
///
/// A bit of `cuts` is set where `pairs[16 * class of the byte before + class of the byte]` is not 0,
/// and a bit of `high` where the byte is 0x80 or more; bit 0 is the first byte. Classes are below 16.
/// Reads `text[-1]` to `text[64 * words - 1]`.
void quipu_mark_cuts(
    const uint8_t *text, size_t words, const uint8_t classes[256], const uint8_t pairs[256],
    uint64_t *cuts, uint64_t *high);

/// Writes eight 16-bit ids as 32-bit ones. Here, where it becomes two instructions: Swift converts
/// vectors lane by lane.
static inline void quipu_widen_ids(const uint16_t *from, int32_t *to) {
  for (int i = 0; i < 8; i++) to[i] = from[i];
}

/// Asks for the memory at `address`, which will be read soon.
static inline void quipu_prefetch(const void *address) { __builtin_prefetch(address); }

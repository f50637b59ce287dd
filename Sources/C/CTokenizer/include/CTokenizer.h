#pragma once
#include <stdint.h>

/// Which scalars stand side by side in one unit of text.
typedef struct quipu_cut_rules {
  /// The class of every scalar up to U+10FFFF.
  const uint8_t *_Nonnull classes;
  /// By the class of a scalar times 256 plus that of the next: 0 where a unit begins between them.
  const uint8_t *_Nonnull joins;
  /// For each of the 128 ASCII bytes one bit, the same for all of one class; then, for the class of
  /// each of the eight bits, the bits of the classes that begin a unit behind it.
  const uint8_t *_Nonnull ascii;
} quipu_cut_rules;

/// The instruction sets that places can be found with.
enum { quipu_cuts_plain, quipu_cuts_avx2, quipu_cuts_avx512 };

/// The best of them that this processor has; it has those before as well, where it is an x86.
int quipu_cuts_best(void);

/// Lists the places in well-formed UTF-8 where a unit begins, ascending, with `count` as the last;
/// says how many. There is room for `count + 16` places; the beginning of the text is not one.
long quipu_find_cuts(int level, const quipu_cut_rules *_Nonnull rules,
                     const uint8_t *_Nonnull text, long count, uint32_t *_Nonnull places);

/// The best level for `quipu_mark_cuts` on this processor: 0 for plain C, 1 for AVX-512 VBMI.
int quipu_marks_best(void);

/// Marks where text can be cut, by the classes of each byte and the one before it.
///
/// A bit of `cuts` is set where `pairs[16 * class of the byte before + class of the byte]` is not 0,
/// and a bit of `high` where the byte is 0x80 or more; bit 0 is the first byte. Classes are below 16.
/// Reads `text[-1]` to `text[64 * words - 1]`.
void quipu_mark_cuts(
    int level, const uint8_t *_Nonnull text, long words, const uint8_t *_Nonnull classes,
    const uint8_t *_Nonnull pairs, uint64_t *_Nonnull cuts, uint64_t *_Nonnull high);

/// Writes eight 16-bit ids as 32-bit ones. Here, where it becomes two instructions: Swift converts
/// vectors lane by lane.
static inline void quipu_widen_ids(const uint16_t *_Nonnull from, int32_t *_Nonnull to) {
  for (int i = 0; i < 8; i++) to[i] = from[i];
}

/// Asks for the cache line at `address`, which will be written soon.
static inline void quipu_prefetch(const void *_Nonnull address) { __builtin_prefetch(address, 1); }

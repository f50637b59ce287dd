#pragma once
#include <stdint.h>

/// The hash of fastText: FNV-1a in 32 bits, where each byte is sign-extended before it is mixed in.
static inline uint32_t quipu_fasttext_hash(const uint8_t *_Nonnull bytes, long count) {
  uint32_t hash = 2166136261u;
  for (long i = 0; i < count; i++) hash = (hash ^ (uint32_t)(int32_t)(int8_t)bytes[i]) * 16777619u;
  return hash;
}

/// True for the bytes that part tokens: NUL, blank, and those from tab to carriage return.
static inline int quipu_fasttext_parts(uint8_t byte) {
  return byte == ' ' || (uint8_t)(byte - 9) < 5 || byte == 0;
}

/// The first place from `at` on whose byte parts tokens, or `count`.
static inline long quipu_fasttext_token_end(const uint8_t *_Nonnull text, long at, long count) {
  while (at < count && !quipu_fasttext_parts(text[at])) at++;
  return at;
}

/// Division by a number that does not change, without dividing (Lemire, Kaser and Kurz 2019).
typedef struct {
  /// 2^64 / divisor, rounded up; 0 where the divisor is 1.
  uint64_t reciprocal;
  uint32_t divisor;
} quipu_fasttext_buckets;

/// - Precondition: divisor > 0.
static inline quipu_fasttext_buckets quipu_fasttext_buckets_of(uint32_t divisor) {
  return (quipu_fasttext_buckets){UINT64_MAX / divisor + 1, divisor};
}

/// What is left of `hash` when divided by the divisor.
static inline uint32_t quipu_fasttext_bucket(quipu_fasttext_buckets buckets, uint32_t hash) {
  uint64_t fraction = buckets.reciprocal * hash;
  return (uint32_t)(((unsigned __int128)fraction * buckets.divisor) >> 64);
}

/// Writes the buckets of the character n-grams of `<token>`, in fastText's order.
///
/// A character is a byte and the continuation bytes (0b10xxxxxx) behind it, valid UTF-8 or not.
/// Begins with the n-grams that start at byte `*from` of `<token>`, which has two bytes more than
/// the token, and ends where `room` has no place for all n-grams of a start, or all starts were
/// seen: `*from` is then where to go on, `count + 2` at the end.
/// - Precondition: room >= longest.
/// - Returns: how many were written.
long quipu_fasttext_subwords(
    const uint8_t *_Nonnull token, long count, long *_Nonnull from, long shortest, long longest,
    quipu_fasttext_buckets buckets, uint32_t *_Nonnull numbers, long room);

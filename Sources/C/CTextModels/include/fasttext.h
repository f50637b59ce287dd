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

/// The best way this processor knows: 2 with AVX-512, 1 with AVX2, 0 in plain C. All add in the same
/// order, and multiply and add apart, so that their results are the same to the last bit.
int quipu_fasttext_best(void);

/// Finds up to `room` tokens from `*from` on; `*from` is then where to go on, `count` at the end.
/// A token ends at `ends[i]`. Reads 64 bytes at once, but none beyond `count`.
/// - Returns: how many were found.
long quipu_fasttext_tokens(
    int level, const uint8_t *_Nonnull text, long count, long *_Nonnull from,
    long *_Nonnull starts, long *_Nonnull ends, long room);

/// Up to 32 bytes of a token, with zeros behind them; no token has a zero inside.
typedef struct {
  uint64_t words[4];
} quipu_fasttext_key;

/// The key of `text[start..<end]`, of at most 32 bytes, in a text of `count` bytes.
static inline quipu_fasttext_key quipu_fasttext_key_of(
    const uint8_t *_Nonnull text, long start, long end, long count) {
  quipu_fasttext_key key = {{0, 0, 0, 0}};
  long length = end - start;
  if (start + 32 <= count) {
    __builtin_memcpy(&key, text + start, 32);
    for (int word = 0; word < 4; word++) {
      long left = length - 8 * word;
      uint64_t mask = left >= 8 ? UINT64_MAX : left <= 0 ? 0 : (1ull << 8 * left) - 1;
      key.words[word] &= mask;
    }
  } else {
    __builtin_memcpy(&key, text + start, (unsigned long)length);
  }
  return key;
}

static inline int quipu_fasttext_key_equals(
    const quipu_fasttext_key *_Nonnull one, const quipu_fasttext_key *_Nonnull other) {
  return ((one->words[0] ^ other->words[0]) | (one->words[1] ^ other->words[1]) |
          (one->words[2] ^ other->words[2]) | (one->words[3] ^ other->words[3])) == 0;
}

/// A number whose low bits scatter keys over a table.
static inline uint64_t quipu_fasttext_key_hash(const quipu_fasttext_key *_Nonnull key) {
  uint64_t hash = (key->words[0] ^ key->words[2] * 0xc2b2ae3d27d4eb4full) * 0x9e3779b97f4a7c15ull;
  hash ^= (key->words[1] ^ key->words[3] * 0x165667b19e3779f9ull) * 0xd6e8feb86659fd93ull;
  return (hash ^ hash >> 29 ^ hash >> 47);
}

/// Whether `count` bytes at two places are the same.
static inline int quipu_fasttext_equal(
    const uint8_t *_Nonnull one, const uint8_t *_Nonnull other, long count) {
  uint64_t a, b;
  if (count < 8) {
    for (long i = 0; i < count; i++)
      if (one[i] != other[i]) return 0;
    return 1;
  }
  for (long i = 0; i < count; i += 8) {
    // The last eight bytes, some of them for the second time.
    if (i + 8 > count) i = count - 8;
    __builtin_memcpy(&a, one + i, 8);
    __builtin_memcpy(&b, other + i, 8);
    if (a != b) return 0;
  }
  return 1;
}

/// Copies rows, and whatever is behind them up to a multiple of 64 bytes.
static inline void quipu_fasttext_copy_rows(
    uint32_t *_Nonnull target, const uint32_t *_Nonnull source, long count) {
  for (long i = 0; i < count; i += 16) __builtin_memcpy(target + i, source + i, 64);
}

/// Asks for the cache line at `address`, which will be used soon.
static inline void quipu_fasttext_prefetch(const void *_Nonnull address) {
  __builtin_prefetch(address);
}

/// Adds rows of a matrix of floats, which may lie at any address, to `sum`, one after another.
void quipu_fasttext_add_rows(
    int level, float *_Nonnull sum, long columns, const void *_Nonnull matrix,
    const uint32_t *_Nonnull rows, long count);

/// A quantised matrix: see `FastTextMatrix.Quantiser`.
typedef struct {
  const uint8_t *_Nonnull codes;
  /// Of 256 centroids for each part; at any address.
  const void *_Nonnull centroids;
  const uint8_t *_Nullable norm_codes;
  const void *_Nullable norm_centroids;
  long parts, width, last_width;
} quipu_fasttext_quantised;

/// Adds rows of a quantised matrix to `sum`, one after another.
void quipu_fasttext_add_quantised_rows(
    int level, float *_Nonnull sum, const quipu_fasttext_quantised *_Nonnull matrix,
    const uint32_t *_Nonnull rows, long count);

/// The product of a row and `x`, added up from the first column to the last.
float quipu_fasttext_dot(const void *_Nonnull row, const float *_Nonnull x, long columns);

/// The product of row `row` of a quantised matrix and `x`, added up likewise, times the row's length.
float quipu_fasttext_quantised_dot(
    const quipu_fasttext_quantised *_Nonnull matrix, const float *_Nonnull x, long row);

/// Lays 16 rows side by side, column by column: `panel` has 16 floats for each column, then 16
/// factors of the products. Rows from `count` on are zero.
void quipu_fasttext_panel(
    const void *_Nonnull rows, long columns, long count, float *_Nonnull panel);
void quipu_fasttext_quantised_panel(
    const quipu_fasttext_quantised *_Nonnull matrix, long first, long columns, long count,
    float *_Nonnull panel);

/// The products of the rows of `count` panels and `x`, 16 for each, each as `quipu_fasttext_dot`'s.
void quipu_fasttext_panel_dots(
    int level, const float *_Nonnull panels, long count, const float *_Nonnull x, long columns,
    float *_Nonnull products);

/// Makes logits probabilities: e to each less the largest, over their sum in floats from the first on.
void quipu_fasttext_softmax(float *_Nonnull numbers, long count);

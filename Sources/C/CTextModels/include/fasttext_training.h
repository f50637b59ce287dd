// What training a fastText model does to rows of floats.
//
// Rows lie in lanes of 16 floats: `width` lanes a row, filled up with zeros, aligned to 64 bytes. Sums go in
// an order that does not depend on the processor, and no product is fused with a sum, so that all
// levels give the same bits.
#pragma once
#include <stdint.h>
#include <string.h>

/// The best level of this processor: 2 is AVX-512, 1 AVX2, 0 anything.
int quipu_training_best(void);

/// Fills `count` rows from row `first` on with numbers even between ±`bound`, which depend on `seed`
/// and the place of each only; lanes from `dim` on become zero.
void quipu_training_fill(
    int level, float *_Nonnull matrix, long first, long count, long width, long dim, uint64_t seed, float bound);

/// Copies the lists of rows of `count` words behind one another and says how long that is.
///
/// The list of word w is `lists[starts[w] ..< starts[w + 1]]`. Up to 16 numbers behind the end of each are
/// read, and of the result written.
long quipu_training_gather(
    const uint32_t *_Nonnull words, long count, const uint32_t *_Nonnull starts, const uint32_t *_Nonnull lists,
    uint32_t *_Nonnull rows);

/// Sums `count` rows and scales the sum. Up to 16 numbers behind the rows are read, and must be rows.
void quipu_training_sum(
    int level, const float *_Nonnull matrix, long width, const uint32_t *_Nonnull rows, long count, float scale,
    float *_Nonnull hidden);

/// Adds `gradient` to each of `count` rows, in order. Up to 16 numbers behind are read, and must be rows.
void quipu_training_add(
    int level, float *_Nonnull matrix, long width, const uint32_t *_Nonnull rows, long count,
    const float *_Nonnull gradient);

/// Keeps of `count` rows those whose number modulo 64 is in `low ..< high`, and says how many.
///
/// Up to 16 numbers behind the rows are read, and behind what is kept written.
long quipu_training_keep(
    int level, const uint32_t *_Nonnull rows, long count, uint32_t low, uint32_t high, uint32_t *_Nonnull kept);

/// A step of all labels at once: the gradient of the hidden vector is stored, the output changed.
///
/// `scores` has room for the labels, rounded up to 16. `targets` are the true labels. With `exclusive` the
/// probabilities come from softmax and there is one target, otherwise each from a sigmoid. Gives the
/// loss.
float quipu_training_all(
    int level, float *_Nonnull output, long labels, long width, const float *_Nonnull hidden, float rate,
    int exclusive, const uint32_t *_Nonnull targets, long target_count, float *_Nonnull scores,
    float *_Nonnull gradient);

/// A step of some yes-no questions, one after the other: rows of the output and the answer to each.
float quipu_training_some(
    int level, float *_Nonnull output, long width, const float *_Nonnull hidden, float rate,
    const uint32_t *_Nonnull rows, const uint8_t *_Nonnull answers, long count, float *_Nonnull gradient);

/// Scales `width` lanes in place.
void quipu_training_scale(float *_Nonnull vector, long width, float scale);

/// Assigns each of `count` points of `dim` floats to the nearest of 256 centroids, of equals the first.
///
/// Points are `stride` floats apart, codes `code_stride` bytes. `transposed` holds for each dimension its
/// 256 values.
void quipu_training_assign(
    int level, const float *_Nonnull points, long count, long dim, long stride,
    const float *_Nonnull transposed, uint8_t *_Nonnull codes, long code_stride);

/// Where threads wait for one another; all zeros but for how many they are.
typedef struct {
  int32_t parties, arrived, round, sleepers;
} quipu_training_barrier;

/// Returns once all parties have called it as often as this one; what any wrote before is then seen by all.
///
/// The others come soon as a rule, so it asks again for some microseconds before it sleeps.
void quipu_training_wait(quipu_training_barrier *_Nonnull barrier);

/// A hash of a token, for a table in memory: eight bytes at a time, products of 64 bits folded.
static inline uint64_t quipu_training_hash(const uint8_t *_Nullable bytes, long count) {
  uint64_t hash = 0x9e3779b97f4a7c15u ^ (uint64_t)count, word;
  for (; count > 0; bytes += 8, count -= 8) {
    word = 0;
    memcpy(&word, bytes, count < 8 ? (unsigned long)count : 8);
    unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0xbf58476d1ce4e5b9u;
    hash = (uint64_t)product ^ (uint64_t)(product >> 64);
  }
  return hash * 0x94d049bb133111ebu ^ hash >> 29;
}

/// Not 0 where two tokens of `count` bytes are equal.
static inline int quipu_training_equal(
    const uint8_t *_Nullable left, const uint8_t *_Nullable right, long count) {
  return count == 0 || memcmp(left, right, (unsigned long)count) == 0;
}

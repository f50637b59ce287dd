// One order after the other in tables of hashes.
#include "ngram_run.h"

/// A table of hashes, as one pass needs it.
typedef struct {
  const uint8_t *base, *end;
  uint64_t count, reciprocal;
} table;

static inline table table_of(const quipu_ngram_level *level) {
  table t = {level->base, level->base + level->count * level->stride, level->count, level->reciprocal};
  return t;
}

/// The bucket where the search for a hash begins.
static inline const uint8_t *first_bucket(table t, uint64_t stride, uint64_t hash) {
  return t.base + remainder_of(hash, t.count, t.reciprocal) * stride;
}

/// The bucket of a hash, or the empty one that ends the search for it; any in a damaged table without.
static inline const uint8_t *seek(
    table t, uint64_t stride, const uint8_t *at, uint64_t key, uint32_t *is_there) {
  uint64_t seen;
  int rounds = 0;
  while ((seen = load64(at)) != key && seen != 0) {
    at += stride;
    if (at == t.end) {
      at = t.base;
      if (rounds++) break;
    }
  }
  *is_there = seen == key;
  return at;
}

/// The buckets of the longest n-grams hold no weight for backing off.
static const uint64_t longest_stride = 12;

/// Asks for a bucket and the cache line behind it, as searches often go on there.
static inline void ask(const uint8_t *bucket) {
  __builtin_prefetch(bucket);
  __builtin_prefetch(bucket + 64);
}

/// Looks for the n-grams of one order and goes on to the next, whose buckets are `next_stride` long.
///
/// Whether an n-gram is there cannot be foretold, so that nothing branches on it: a lane that does not go
/// on is stored as well and counted out.
static inline __attribute__((always_inline)) void pass(
    quipu_ngram_run *run, uint64_t stride, uint64_t next_stride, int n) {
  const table here = table_of(run->model->levels + n - 2), next = table_of(run->model->levels + n - 1);
  const quipu_ngram_hashed_lane *lanes = run->hashed[n];
  const int left = run->left[n];
  int kept = 0;
  for (int a = 0; a < left; a++) {
    quipu_ngram_hashed_lane lane = lanes[a];
    uint32_t is_there;
    const uint8_t *at = seek(here, stride, lane.bucket, lane.hash, &is_there);
    uint32_t probability = load32(at + 8), backoff = load32(at + 12);
    quipu_ngram_slot *slot = run->slots + lane.place;
    slot->probabilities[n - 1] = float_of(probability | sign);
    slot->backoffs[n - 1] = float_of(backoff);
    slot->longest = (uint8_t)(slot->longest + is_there);
    // A set sign says that no longer n-gram ends with these words.
    uint32_t goes_on =
        is_there & ~probability >> 31 & (uint32_t)slot_at(run, lane.place - 1)->hopes >> (n - 1);
    note(slot, n, is_there & (backoff != sign), goes_on);
    lane.hash = quipu_ngram_extended_hash(lane.hash, slot_at(run, lane.place - (uint32_t)n)->seen);
    lane.bucket = first_bucket(next, next_stride, lane.hash);
    ask(goes_on ? lane.bucket : at);
    run->hashed[n + 1][kept] = lane;
    kept += (int)goes_on;
  }
  run->left[n + 1] = kept;
}

static inline void longest_pass(quipu_ngram_run *run, int n) {
  const table here = table_of(run->model->levels + n - 2);
  for (int a = 0; a < run->left[n]; a++) {
    quipu_ngram_hashed_lane lane = run->hashed[n][a];
    uint32_t is_there;
    const uint8_t *at = seek(here, longest_stride, lane.bucket, lane.hash, &is_there);
    quipu_ngram_slot *slot = run->slots + lane.place;
    slot->probabilities[n - 1] = float_of(load32(at + 8));
    slot->longest = (uint8_t)(slot->longest + is_there);
  }
}

static inline __attribute__((always_inline)) void unigram_pass(
    quipu_ngram_run *run, uint64_t unigram_stride, uint64_t stride) {
  const table next = table_of(run->model->levels);
  const uint8_t *const unigrams = run->model->unigrams;
  int kept = 0;
  for (int i = 0; i < run->sizes[1]; i++) {
    uint32_t place = run->unigram_place++;
    quipu_ngram_slot *slot = slot_at(run, place), *before = slot_at(run, place - 1);
    const uint8_t *at = unigrams + slot->word * unigram_stride;
    uint32_t probability = load32(at), backoff = load32(at + 4);
    slot->probabilities[0] = float_of(probability | sign);
    slot->backoffs[0] = float_of(backoff);
    uint32_t goes_on = ~probability >> 31 & before->hopes;
    note_first(run, slot, backoff != sign, goes_on);
    quipu_ngram_hashed_lane lane = {.place = place % ring_size};
    lane.hash = quipu_ngram_extended_hash(slot->word, before->seen);
    lane.bucket = first_bucket(next, stride, lane.hash);
    ask(goes_on ? lane.bucket : at);
    run->hashed[2][kept] = lane;
    kept += (int)goes_on;
  }
  run->left[2] = kept;
}

static inline __attribute__((always_inline)) void advance(
    quipu_ngram_run *run, uint64_t unigram_stride, uint64_t stride) {
  const int order = run->model->order;
  longest_pass(run, order);
  if (order > 2) pass(run, stride, longest_stride, order - 1);
  for (int n = order - 2; n > 1; n--) pass(run, stride, stride, n);
  unigram_pass(run, unigram_stride, order > 2 ? stride : longest_stride);
}

void quipu_ngram_advance_hashed(quipu_ngram_run *run) {
  if (run->model->unigram_stride == 8) advance(run, 8, 16);
  else advance(run, 12, 20);
}

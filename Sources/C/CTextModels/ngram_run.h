// Words on their way through a model, many at once, so that their waits for memory overlap.
//
// Words come in laps. In each round a lap is put down and every lap before it goes on by one order: its
// n-grams grow by one word to the left where the model can have that n-gram. The highest order goes
// first, so that what a pass asks memory for is read a whole round later, whatever is left of its lap.
// What KenLM's state does is done at the end, in order: a word may use no more words than the one before
// it says can be continued.
#pragma once
#include "ngram.h"
#include "ngram_bytes.h"

enum {
  max_order = QUIPU_NGRAM_MAX_ORDER,
  lap_size = 32,
  /// A lap for each order, one that is being put down, and one whose last word the oldest looks at.
  ring_size = (max_order + 2) * lap_size,
};

/// A word and what was found for it so far; of each n-gram at the place of its length less one.
typedef struct {
  /// The word; as later places see it.
  uint32_t word, seen;
  /// The length of the longest n-gram found.
  uint8_t longest;
  /// A bit for each n-gram found that others begin with.
  uint8_t contexts;
  /// A bit for each n-gram with which a longer one may end at the next word, as far as is known: one
  /// that others begin with, or that goes on to a longer one that may be such.
  uint8_t hopes;
  /// 0 at the end of a sentence, after which the next one begins.
  uint8_t is_inner;
  /// The logarithms of the n-grams found.
  float probabilities[max_order];
  /// The weights for backing off from them.
  float backoffs[max_order - 1];
} quipu_ngram_slot;

/// An n-gram that is looked for in a table of hashes.
typedef struct {
  uint64_t hash;
  const uint8_t *bucket;
  uint32_t place;
} quipu_ngram_hashed_lane;

/// A search for one word among the entries below an n-gram.
typedef struct {
  /// The entries that may hold it.
  uint64_t low, high;
  /// No word before `low` is above the one, and none from `high` on is below the other.
  uint64_t low_word, high_word;
  /// The entry looked at next.
  uint64_t pivot;
} quipu_ngram_search;

/// An n-gram that is looked for in a trie.
typedef struct {
  quipu_ngram_search search;
  uint32_t place;
} quipu_ngram_sorted_lane;

typedef struct {
  const quipu_ngram_model *model;
  /// What a sentence begins with, and its bits as of `hopes`.
  const quipu_ngram_state *begin;
  uint8_t begin_hopes;
  /// The places where the next word is put down, is looked up alone, and is done. They run round.
  uint32_t put_place, unigram_place, done_place;
  /// How many words the laps have, the youngest first.
  int sizes[max_order + 2];
  /// The n-grams that are looked for in the next round, by order, and how many.
  int left[max_order + 1];
  union {
    /// One more place, as a lane is stored before it is known to go on.
    quipu_ngram_hashed_lane hashed[max_order + 1][lap_size + 1];
    quipu_ngram_sorted_lane sorted[max_order + 1][lap_size];
  };
  quipu_ngram_slot slots[ring_size];
  /// The state after the last word that is done.
  const float *backoffs;
  int length;
  float first_backoffs[max_order - 1];
  float sum;
  /// Where results go, unless null.
  float *sums, *probabilities;
  uint8_t *lengths;
} quipu_ngram_run;

static inline quipu_ngram_slot *slot_at(quipu_ngram_run *run, uint32_t place) {
  return run->slots + place % ring_size;
}

/// Notes whether n-grams begin with one of length n, and whether it goes on.
static inline void note(quipu_ngram_slot *slot, int n, uint32_t is_context, uint32_t goes_on) {
  slot->contexts |= (uint8_t)(is_context << (n - 1));
  slot->hopes |= (uint8_t)(((is_context | goes_on) & slot->is_inner) << (n - 1));
}

/// The same for a word alone.
static inline void note_first(
    const quipu_ngram_run *run, quipu_ngram_slot *slot, uint32_t is_context, uint32_t goes_on) {
  slot->longest = 1;
  slot->contexts = (uint8_t)is_context;
  slot->hopes = slot->is_inner ? (uint8_t)(is_context | goes_on) : run->begin_hopes;
}

/// Every lap but the youngest goes on by one order.
void quipu_ngram_advance_hashed(quipu_ngram_run *run);
void quipu_ngram_advance_sorted(quipu_ngram_run *run);

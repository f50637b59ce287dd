// One order after the other in tries of sorted, bit-packed entries.
#include "ngram_run.h"

/// `width` bits from bit `at` on; at most 57.
static inline uint64_t bits_at(const uint8_t *base, uint64_t at, unsigned width) {
  return load64(base + (at >> 3)) >> (at & 7) & ((UINT64_C(1) << width) - 1);
}

/// How many of the sorted offsets are not above `entry`, less one: the higher bits of a pointer.
static inline uint64_t higher_bits(const quipu_ngram_level *level, uint64_t entry) {
  uint64_t found = level->offset_index[entry >> level->index_shift];
  while (found + 1 < level->offset_count && load64(level->offsets + 8 * (found + 1)) <= entry) found++;
  return found;
}

void quipu_ngram_index_offsets(const quipu_ngram_level *level, uint32_t *index) {
  uint64_t found = 0, blocks = (level->count >> level->index_shift) + 1;
  for (uint64_t block = 0; block < blocks; block++) {
    uint64_t entry = block << level->index_shift;
    while (found + 1 < level->offset_count && load64(level->offsets + 8 * (found + 1)) <= entry) found++;
    index[block] = (uint32_t)found;
  }
}

/// Negative zero says that no n-gram begins with these words.
static inline uint32_t is_context(float backoff) {
  uint32_t bits;
  memcpy(&bits, &backoff, 4);
  return bits != sign;
}

/// Ranges this small lie in a few cache lines and are searched at once.
static const uint64_t small_range = 8;

static inline void aim(const quipu_ngram_level *level, quipu_ngram_search *s, uint64_t word) {
  uint64_t width = s->high - s->low;
  if (width <= small_range) {
    s->pivot = s->low;
    __builtin_prefetch(level->base + (s->low * level->total_bits >> 3));
    __builtin_prefetch(level->base + (s->high * level->total_bits >> 3));
    return;
  }
  float share = (float)(word - s->low_word) / (float)(s->high_word - s->low_word + 1);
  uint64_t step = (uint64_t)(share * (float)width);
  s->pivot = s->low + (step < width ? step : width - 1);
  __builtin_prefetch(level->base + (s->pivot * level->total_bits >> 3));
}

enum { goes_on, is_found, is_absent };

/// Looks at the pivot; where the range is small, at all of it.
static inline int look(const quipu_ngram_level *level, quipu_ngram_search *s, uint64_t word) {
  if (s->high - s->low <= small_range) {
    while (s->low < s->high) {
      uint64_t middle = s->low + (s->high - s->low) / 2;
      uint64_t seen = bits_at(level->base, middle * level->total_bits, level->word_bits);
      if (seen == word) {
        s->pivot = middle;
        return is_found;
      }
      if (seen < word) s->low = middle + 1;
      else s->high = middle;
    }
    return is_absent;
  }
  uint64_t seen = bits_at(level->base, s->pivot * level->total_bits, level->word_bits);
  if (seen == word) return is_found;
  if (seen < word) {
    s->low = s->pivot + 1;
    s->low_word = seen;
  } else {
    s->high = s->pivot;
    s->high_word = seen;
  }
  return s->low < s->high ? goes_on : is_absent;
}

/// A range of entries of the next order; a damaged pointer gives none.
static inline void descend(
    uint64_t begin, uint64_t end, uint64_t limit, uint64_t words, quipu_ngram_search *s) {
  s->low = begin;
  s->high = end <= limit ? end : 0;
  s->low_word = 0;
  s->high_word = words;
}

/// The weights of an entry; gives the range below it.
static inline void read_middle(
    const quipu_ngram_level *level, uint64_t entry, float *probability, float *backoff,
    uint64_t words, quipu_ngram_search *s) {
  uint64_t at = entry * level->total_bits + level->word_bits;
  if (level->probabilities) {
    uint64_t b = bits_at(level->base, at, level->backoff_bits);
    uint64_t p = bits_at(level->base, at + level->backoff_bits, level->probability_bits);
    *backoff = float_of(load32(level->backoffs + 4 * b));
    *probability = float_of(load32(level->probabilities + 4 * p));
  } else {
    *probability = float_of((uint32_t)bits_at(level->base, at, 31) | sign);
    *backoff = float_of((uint32_t)bits_at(level->base, at + 31, 32));
  }
  at += level->probability_bits + level->backoff_bits;
  uint64_t begin = bits_at(level->base, at, level->next_bits);
  uint64_t end = bits_at(level->base, at + level->total_bits, level->next_bits);
  if (level->offsets) {
    uint64_t high = higher_bits(level, entry);
    begin |= high << level->next_bits;
    while (high + 1 < level->offset_count && load64(level->offsets + 8 * (high + 1)) <= entry + 1) high++;
    end |= high << level->next_bits;
  }
  descend(begin, end, level->next_count, words, s);
}

static inline float read_longest(const quipu_ngram_level *level, uint64_t entry) {
  uint64_t at = entry * level->total_bits + level->word_bits;
  if (level->probabilities) {
    uint64_t p = bits_at(level->base, at, level->probability_bits);
    return float_of(load32(level->probabilities + 4 * p));
  }
  return float_of((uint32_t)bits_at(level->base, at, 31) | sign);
}

/// Aims at the next order's word and gives 1, unless no n-gram can be there.
static inline uint32_t go_on(quipu_ngram_run *run, int n, uint32_t place, quipu_ngram_sorted_lane *lane) {
  if (!(slot_at(run, place - 1)->hopes >> (n - 1) & 1) || lane->search.low >= lane->search.high) return 0;
  lane->place = place;
  aim(run->model->levels + n - 1, &lane->search, slot_at(run, place - (uint32_t)n)->seen);
  return 1;
}

/// Finds all words of a pass: what waits for memory waits together.
static void find_all(quipu_ngram_run *run, int n, uint8_t *outcomes) {
  const quipu_ngram_level *level = run->model->levels + n - 2;
  uint8_t active[lap_size];
  int left = run->left[n];
  for (int a = 0; a < left; a++) active[a] = (uint8_t)a;
  while (left > 0) {
    int waiting = 0;
    for (int i = 0; i < left; i++) {
      quipu_ngram_sorted_lane *lane = &run->sorted[n][active[i]];
      uint32_t word = slot_at(run, lane->place - (uint32_t)(n - 1))->seen;
      int outcome = look(level, &lane->search, word);
      outcomes[active[i]] = (uint8_t)outcome;
      if (outcome != goes_on) continue;
      aim(level, &lane->search, word);
      active[waiting++] = active[i];
    }
    left = waiting;
  }
}

static void pass(quipu_ngram_run *run, int n) {
  const quipu_ngram_level *level = run->model->levels + n - 2;
  uint8_t outcomes[lap_size];
  int kept = 0;
  find_all(run, n, outcomes);
  for (int a = 0; a < run->left[n]; a++) {
    if (outcomes[a] == is_absent) continue;
    quipu_ngram_sorted_lane *lane = &run->sorted[n][a];
    quipu_ngram_slot *slot = run->slots + lane->place;
    slot->longest = (uint8_t)n;
    if (n == run->model->order) {
      slot->probabilities[n - 1] = read_longest(level, lane->search.pivot);
      continue;
    }
    quipu_ngram_sorted_lane *next = &run->sorted[n + 1][kept];
    read_middle(
        level, lane->search.pivot, &slot->probabilities[n - 1], &slot->backoffs[n - 1],
        run->model->words, &next->search);
    uint32_t goes_further = go_on(run, n, lane->place, next);
    note(slot, n, is_context(slot->backoffs[n - 1]), goes_further);
    kept += (int)goes_further;
  }
  if (n < run->model->order) run->left[n + 1] = kept;
}

static void unigram_pass(quipu_ngram_run *run) {
  const quipu_ngram_model *model = run->model;
  int kept = 0;
  for (int i = 0; i < run->sizes[1]; i++) {
    uint32_t place = run->unigram_place++;
    quipu_ngram_slot *slot = slot_at(run, place);
    const uint8_t *at = model->unigrams + 16 * (uint64_t)slot->word;
    slot->probabilities[0] = float_of(load32(at));
    slot->backoffs[0] = float_of(load32(at + 4));
    quipu_ngram_sorted_lane *next = &run->sorted[2][kept];
    descend(load64(at + 8), load64(at + 24), model->levels->count, model->words, &next->search);
    uint32_t goes_further = go_on(run, 1, place % ring_size, next);
    note_first(run, slot, is_context(slot->backoffs[0]), goes_further);
    kept += (int)goes_further;
  }
  run->left[2] = kept;
}

void quipu_ngram_advance_sorted(quipu_ngram_run *run) {
  for (int n = run->model->order; n > 1; n--) pass(run, n);
  unigram_pass(run);
}

// N-gram lookups for many places of a text at once, so that their waits for memory overlap.
//
// A place is looked up order by order: the n-gram that ends there is made longer to the left until it is
// not in the model. One pass per order goes over a block of places; each lookup asks for the memory of
// the next one before the pass goes on. What KenLM's state does is done afterwards, in order: a place
// may use no more words than the place before it says can be continued.
#define _GNU_SOURCE  // mremap
#include "ngram.h"
#include <string.h>
#include <sys/mman.h>

enum { block_size = 32, max_order = QUIPU_NGRAM_MAX_ORDER };

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

static inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static const uint32_t sign = 0x80000000u;

/// Negative zero says that no n-gram begins with these words.
static inline uint32_t is_context(float backoff) { return bits_of(backoff) != sign; }

/// hash % count: the quotient by the reciprocal is right or one too small.
static inline uint64_t remainder_of(uint64_t hash, uint64_t count, uint64_t reciprocal) {
  uint64_t quotient = (uint64_t)((unsigned __int128)hash * reciprocal >> 64);
  uint64_t rest = hash - quotient * count;
  return rest >= count ? rest - count : rest;
}

uint64_t quipu_ngram_word_hash(const uint8_t *bytes, long count) {
  const uint64_t factor = 0xc6a4a7935bd1e995u;
  uint64_t hash = (uint64_t)count * factor;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t part = load64(bytes) * factor;
    hash = (hash ^ (part ^ part >> 47) * factor) * factor;
  }
  if (count > 0) {
    uint64_t rest = 0;
    memcpy(&rest, bytes, (size_t)count);
    hash = (hash ^ rest) * factor;
  }
  hash = (hash ^ hash >> 47) * factor;
  return hash ^ hash >> 47;
}

/// The bucket that holds `key`, or null; stops at an empty bucket, or after one round in a damaged table.
static inline const uint8_t *probe(
    const uint8_t *table, uint64_t stride, uint64_t buckets, uint64_t bucket, uint64_t key) {
  for (uint64_t left = buckets; left > 0; left--) {
    const uint8_t *at = table + bucket * stride;
    uint64_t found = load64(at);
    if (found == key) return at;
    if (found == 0) return 0;
    if (++bucket == buckets) bucket = 0;
  }
  return 0;
}

void quipu_ngram_find_hashed(
    const uint8_t *table, uint64_t buckets, uint64_t reciprocal, uint32_t bound,
    const uint64_t *hashes, long count, uint32_t *words) {
  for (long from = 0; from < count; from += block_size) {
    long size = count - from < block_size ? count - from : block_size;
    uint64_t places[block_size];
    for (long i = 0; i < size; i++) {
      places[i] = remainder_of(hashes[from + i], buckets, reciprocal);
      __builtin_prefetch(table + 12 * places[i]);
    }
    for (long i = 0; i < size; i++) {
      const uint8_t *at = probe(table, 12, buckets, places[i], hashes[from + i]);
      uint32_t word = at ? load32(at + 8) : 0;
      words[from + i] = word < bound ? word : 0;
    }
  }
}

void quipu_ngram_find_sorted(
    const uint8_t *list, uint64_t entries, const uint64_t *hashes, long count, uint32_t *words) {
  for (long from = 0; from < count; from += block_size) {
    long size = count - from < block_size ? count - from : block_size;
    uint64_t guesses[block_size];
    for (long i = 0; i < size; i++) {
      // Hashes are spread evenly, so that the place is about the hash's share of all 2^64.
      guesses[i] = (uint64_t)((unsigned __int128)hashes[from + i] * entries >> 64);
      __builtin_prefetch(list + 8 * guesses[i]);
    }
    for (long i = 0; i < size; i++) {
      uint64_t key = hashes[from + i], low = 0, high = entries, place = guesses[i];
      uint64_t low_hash = 0, high_hash = UINT64_MAX;
      uint32_t word = 0;
      for (int round = 0; low < high; round++) {
        uint64_t found = load64(list + 8 * place);
        if (found == key) {
          word = (uint32_t)(place + 1);
          break;
        }
        if (found < key) {
          low = place + 1;
          low_hash = found;
        } else {
          high = place;
          high_hash = found;
        }
        // The share of what is left; halves after some rounds, as a damaged list need not be even.
        uint64_t width = high - low;
        double share = (double)(key - low_hash) / ((double)(high_hash - low_hash) + 1);
        uint64_t step = round < 8 ? (uint64_t)(share * (double)width) : width / 2;
        place = low + (step < width ? step : width - 1);
      }
      words[from + i] = word;
    }
  }
}

void *quipu_ngram_remap(void *base, long old_size, long size) {
  void *moved = mremap(base, (size_t)old_size, (size_t)size, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? 0 : moved;
}

/// What was found for each place of a block, by the length of the n-gram less one.
typedef struct {
  float probabilities[block_size][max_order];
  float backoffs[block_size][max_order];
  /// The longest n-gram found, at least 1.
  int longest[block_size];
  /// A bit for each n-gram found that others begin with; its place is the length less one.
  uint32_t contexts[block_size];
} matches;

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

/// What a place waits for.
typedef struct {
  uint64_t hash;
  const uint8_t *bucket;
  uint32_t place;
} lane;

/// Looks for the n-grams of one order and goes on to the next, whose buckets are `next_stride` long.
///
/// Whether an n-gram is there cannot be foretold, so that nothing branches on it: what is not there is
/// stored as well and counted out. Gives how many lanes go on.
static inline __attribute__((always_inline)) int pass(
    table here, table next, uint64_t stride, uint64_t next_stride, uint32_t n, const uint32_t *seen,
    const int *available, lane *lanes, int left, matches *found) {
  int kept = 0;
  for (int a = 0; a < left; a++) {
    lane l = lanes[a];
    uint32_t is_there;
    const uint8_t *at = seek(here, stride, l.bucket, l.hash, &is_there);
    uint32_t probability = load32(at + 8), backoff = load32(at + 12);
    found->probabilities[l.place][n - 1] = float_of(probability | sign);
    found->backoffs[l.place][n - 1] = float_of(backoff);
    found->longest[l.place] += (int)is_there;
    found->contexts[l.place] |= (is_there & (backoff != sign)) << (n - 1);
    uint32_t goes_on = is_there & ((uint32_t)available[l.place] >= n) & (~probability >> 31);
    l.hash = quipu_ngram_extended_hash(l.hash, seen[(long)l.place - n]);
    l.bucket = first_bucket(next, next_stride, l.hash);
    __builtin_prefetch(goes_on ? l.bucket : at);
    lanes[kept] = l;
    kept += (int)goes_on;
  }
  return kept;
}

enum { longest_stride = 12 };

/// Looks up a block in tables of hashes. `seen` may be read `available` places to the left of a word.
static inline __attribute__((always_inline)) void match_tables(
    const quipu_ngram_model *model, uint64_t unigram_stride, uint64_t stride, const uint32_t *words,
    const uint32_t *seen, const int *available, int count, matches *found) {
  lane lanes[block_size + 1];
  const int order = model->order;
  const uint8_t *const unigrams = model->unigrams;
  table here = table_of(model->levels);
  const uint64_t first_stride = order == 2 ? longest_stride : stride;
  for (int i = 0; i < count; i++) {
    __builtin_prefetch(unigrams + words[i] * unigram_stride);
    lanes[i].hash = quipu_ngram_extended_hash(words[i], seen[i - 1]);
    lanes[i].bucket = first_bucket(here, first_stride, lanes[i].hash);
    __builtin_prefetch(lanes[i].bucket);
  }
  int left = 0;
  for (int i = 0; i < count; i++) {
    const uint8_t *unigram = unigrams + words[i] * unigram_stride;
    uint32_t probability = load32(unigram), backoff = load32(unigram + 4);
    found->probabilities[i][0] = float_of(probability | sign);
    found->backoffs[i][0] = float_of(backoff);
    found->longest[i] = 1;
    found->contexts[i] = backoff != sign;
    lane l = lanes[i];
    l.place = (uint32_t)i;
    lanes[left] = l;
    // A set sign says that no longer n-gram ends with these words.
    left += (available[i] > 0) & (int)(~probability >> 31);
  }
  int n = 2;
  for (; left > 0 && n < order; n++) {
    table next = table_of(model->levels + n - 1);
    left = n + 1 < order
        ? pass(here, next, stride, stride, (uint32_t)n, seen, available, lanes, left, found)
        : pass(here, next, stride, longest_stride, (uint32_t)n, seen, available, lanes, left, found);
    here = next;
  }
  for (int a = 0; a < left; a++) {
    lane l = lanes[a];
    uint32_t is_there;
    const uint8_t *at = seek(here, longest_stride, l.bucket, l.hash, &is_there);
    found->probabilities[l.place][n - 1] = float_of(load32(at + 8));
    found->longest[l.place] += (int)is_there;
  }
}

static void match_hashed(
    const quipu_ngram_model *model, const uint32_t *words, const uint32_t *seen,
    const int *available, int count, matches *found) {
  if (model->unigram_stride == 8) match_tables(model, 8, 16, words, seen, available, count, found);
  else match_tables(model, 12, 20, words, seen, available, count, found);
}

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

/// A search for one word among the entries below an n-gram.
typedef struct {
  /// The entries that may hold it.
  uint64_t low, high;
  /// No word before `low` is above the one, and none from `high` on is below the other.
  uint64_t low_word, high_word;
  /// The entry looked at next.
  uint64_t pivot;
} search;

/// Ranges this small lie in a few cache lines and are searched at once.
static const uint64_t small_range = 8;

static inline void aim(const quipu_ngram_level *level, search *s, uint64_t word) {
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
static inline int look(const quipu_ngram_level *level, search *s, uint64_t word) {
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
static inline void descend(uint64_t begin, uint64_t end, uint64_t limit, uint64_t words, search *s) {
  s->low = begin;
  s->high = end <= limit ? end : 0;
  s->low_word = 0;
  s->high_word = words;
}

/// The weights of an entry; gives the range below it.
static inline void read_middle(
    const quipu_ngram_level *level, uint64_t entry, float *probability, float *backoff,
    uint64_t words, search *s) {
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

/// Looks up a block in a trie; as `match_hashed` otherwise.
static void match_sorted(
    const quipu_ngram_model *model, const uint32_t *words, const uint32_t *seen,
    const int *available, int count, matches *found) {
  search searches[block_size];
  uint8_t active[block_size], next[block_size];
  int left = 0, order = model->order;
  const quipu_ngram_level *level = model->levels;
  for (int i = 0; i < count; i++) __builtin_prefetch(model->unigrams + 16 * (uint64_t)words[i]);
  for (int i = 0; i < count; i++) {
    const uint8_t *unigram = model->unigrams + 16 * (uint64_t)words[i];
    found->probabilities[i][0] = float_of(load32(unigram));
    found->backoffs[i][0] = float_of(load32(unigram + 4));
    found->longest[i] = 1;
    found->contexts[i] = is_context(found->backoffs[i][0]);
    if (available[i] < 1) continue;
    descend(load64(unigram + 8), load64(unigram + 24), level->count, model->words, &searches[i]);
    if (searches[i].low >= searches[i].high) continue;
    aim(level, &searches[i], seen[i - 1]);
    active[left++] = (uint8_t)i;
  }
  for (int n = 2; left > 0; n++, level++) {
    int kept = 0;
    while (left > 0) {
      int waiting = 0;
      for (int a = 0; a < left; a++) {
        int i = active[a];
        search *s = &searches[i];
        uint32_t word = seen[i - n + 1];
        int outcome = look(level, s, word);
        if (outcome == goes_on) {
          aim(level, s, word);
          active[waiting++] = (uint8_t)i;
          continue;
        }
        if (outcome == is_absent) continue;
        found->longest[i] = n;
        if (n == order) {
          found->probabilities[i][n - 1] = read_longest(level, s->pivot);
          continue;
        }
        read_middle(
            level, s->pivot, &found->probabilities[i][n - 1], &found->backoffs[i][n - 1],
            model->words, s);
        found->contexts[i] |= is_context(found->backoffs[i][n - 1]) << (n - 1);
        if (s->low >= s->high || available[i] < n) continue;
        aim(level + 1, s, seen[i - n]);
        next[kept++] = (uint8_t)i;
      }
      left = waiting;
    }
    memcpy(active, next, (size_t)kept);
    left = kept;
  }
}

/// A block of places and what is carried from one block to the next.
typedef struct {
  const quipu_ngram_model *model;
  /// Each place's word; as later places see it, to their left, with those of the block before.
  uint32_t words[block_size];
  uint32_t seen[max_order - 1 + block_size];
  /// How many words to its left a place may use.
  int available[block_size];
  /// Places where a sentence begins anew, and where one ends.
  uint8_t begins[block_size], ends[block_size];
  int count;
  /// The state before the next place.
  float backoffs[max_order];
  int length;
  float sum;
} run;

static void start(run *r, const quipu_ngram_model *model, const quipu_ngram_state *state) {
  r->model = model;
  r->count = 0;
  memset(r->seen, 0, sizeof r->seen);
  for (int i = 0; i < state->length; i++) r->seen[max_order - 2 - i] = state->words[i];
  memcpy(r->backoffs, state->backoffs, sizeof state->backoffs);
  r->length = state->length;
}

/// Looks up a block; then takes the places in order, each after what the one before it leaves.
static void finish_block(
    run *r, const quipu_ngram_state *begin, float **sums, float **probabilities, uint8_t **lengths) {
  const int reach = r->model->order - 1;
  matches found;
  const uint32_t *seen = r->seen + max_order - 1;
  if (r->model->layout == quipu_ngram_hashed) {
    match_hashed(r->model, r->words, seen, r->available, r->count, &found);
  } else {
    match_sorted(r->model, r->words, seen, r->available, r->count, &found);
  }
  const float *backoffs = r->backoffs;
  float sum = r->sum;
  int length = r->length;
  for (int i = 0; i < r->count; i++) {
    if (r->begins[i]) {
      backoffs = begin->backoffs;
      length = begin->length;
      sum = 0;
    }
    int n = found.longest[i];
    n = n <= length ? n : length + 1;
    float probability = found.probabilities[i][n - 1];
    // Adding negative zero changes nothing, so that all are added and nothing branches.
    for (int b = 0; b < max_order - 1; b++) {
      probability += ((b >= n - 1) & (b < length)) ? backoffs[b] : -0.0f;
    }
    sum += probability;
    if (*probabilities) *(*probabilities)++ = probability;
    if (*lengths) *(*lengths)++ = (uint8_t)n;
    if (r->ends[i]) *(*sums)++ = sum;
    backoffs = found.backoffs[i];
    uint32_t contexts = found.contexts[i] & ((1u << (n < reach ? n : reach)) - 1);
    length = 31 - __builtin_clz(contexts << 1 | 1);
  }
  memmove(r->backoffs, backoffs, (max_order - 1) * sizeof *backoffs);
  r->length = length;
  r->sum = sum;
  memmove(r->seen, r->seen + r->count, (max_order - 1) * sizeof *r->seen);
  r->count = 0;
}

static inline void put(run *r, uint32_t word, int available, int begins, int ends) {
  const int reach = r->model->order - 1;
  r->words[r->count] = r->seen[max_order - 1 + r->count] = word < r->model->words ? word : 0;
  r->available[r->count] = available < reach ? available : reach;
  r->begins[r->count] = (uint8_t)begins;
  r->ends[r->count++] = (uint8_t)ends;
}

float quipu_ngram_score(
    const quipu_ngram_model *model, const uint32_t *words, long count, int64_t end,
    quipu_ngram_state *state, float sum, float *probabilities, uint8_t *lengths) {
  run r;
  start(&r, model, state);
  r.sum = sum;
  float *sums = 0;
  const long all = count + (end >= 0);
  for (long from = 0; from < all; from += block_size) {
    long size = all - from < block_size ? all - from : block_size;
    int before = r.length;
    for (long i = 0; i < size; i++) {
      put(&r, from + i < count ? words[from + i] : (uint32_t)end, before + (int)i, 0, 0);
    }
    finish_block(&r, state, &sums, &probabilities, &lengths);
  }
  for (int i = 0; i < max_order - 1; i++) {
    state->words[i] = i < r.length ? r.seen[max_order - 2 - i] : 0;
    state->backoffs[i] = i < r.length ? r.backoffs[i] : 0;
  }
  state->length = r.length;
  return r.sum;
}

void quipu_ngram_score_sentences(
    const quipu_ngram_model *model, const uint32_t *words, const long *ends, long sentences,
    uint32_t end, const quipu_ngram_state *begin, float *sums) {
  run r;
  start(&r, model, begin);
  float *probabilities = 0;
  uint8_t *lengths = 0;
  long place = 0;
  for (long sentence = 0; sentence < sentences; sentence++) {
    long first = place;
    for (; place <= ends[sentence]; place++) {
      int is_last = place == ends[sentence], is_first = place == first;
      long available = place - first < max_order ? place - first : max_order;
      put(&r, is_last ? end : words[place], (int)available + begin->length, is_first, is_last);
      // The next sentence sees the mark of a beginning where this one has that of its end.
      if (is_last) r.seen[max_order - 2 + r.count] = begin->words[0];
      if (r.count == block_size) finish_block(&r, begin, &sums, &probabilities, &lengths);
    }
    place = ends[sentence];
  }
  if (r.count > 0) finish_block(&r, begin, &sums, &probabilities, &lengths);
}

static inline int parts_words(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

long quipu_ngram_cut(const uint8_t *text, long count, long *place, uint64_t *hashes, long room) {
  long at = *place, words = 0;
  while (words < room) {
    while (at < count && parts_words(text[at])) at++;
    if (at == count) break;
    long start = at;
    while (at < count && !parts_words(text[at])) at++;
    hashes[words++] = quipu_ngram_word_hash(text + start, at - start);
  }
  *place = at;
  return words;
}

static inline void swap_records(uint32_t *a, uint32_t *b, int width) {
  for (int i = 0; i < width; i++) {
    uint32_t kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

/// Sorts by the numbers from `at` on: three parts by one number, and the middle part by the next.
static void sort_from(uint32_t *records, long count, int width, int at, int key, uint64_t seed) {
  while (count > 1 && at < key) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    uint32_t pivot = records[(long)((unsigned __int128)seed * (uint64_t)count >> 64) * width + at];
    long below = 0, i = 0, above = count;
    while (i < above) {
      uint32_t *record = records + i * width;
      if (record[at] < pivot) swap_records(record, records + below++ * width, width), i++;
      else if (record[at] > pivot) swap_records(record, records + --above * width, width);
      else i++;
    }
    // The greatest part is left to the loop, so that the calls nest no deeper than the logarithm.
    long sizes[3] = {below, above - below, count - above};
    uint32_t *parts[3] = {records, records + below * width, records + above * width};
    int greatest = sizes[0] > sizes[1] ? (sizes[0] > sizes[2] ? 0 : 2) : (sizes[1] > sizes[2] ? 1 : 2);
    for (int part = 0; part < 3; part++) {
      if (part != greatest) sort_from(parts[part], sizes[part], width, at + (part == 1), key, seed);
    }
    records = parts[greatest];
    count = sizes[greatest];
    at += greatest == 1;
  }
}

void quipu_ngram_sort(uint32_t *records, long count, int width, int key) {
  sort_from(records, count, width, 0, key, 1);
}

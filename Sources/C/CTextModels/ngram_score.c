// Scores of words and sentences: laps of words are put down, looked up, and taken in order.
#include "ngram_run.h"

static void start(quipu_ngram_run *run, const quipu_ngram_model *model, const quipu_ngram_state *begin) {
  run->model = model;
  run->begin = begin;
  run->begin_hopes = (uint8_t)((1u << begin->length) - 1);
  run->put_place = run->unigram_place = run->done_place = 0;
  memset(run->sizes, 0, sizeof run->sizes);
  memset(run->left, 0, sizeof run->left);
  for (int i = 0; i < max_order - 1; i++) {
    run->slots[ring_size - 1 - i].seen = i < begin->length ? begin->words[i] : 0;
  }
  run->slots[ring_size - 1].hopes = run->begin_hopes;
  memcpy(run->first_backoffs, begin->backoffs, sizeof run->first_backoffs);
  run->backoffs = run->first_backoffs;
  run->length = begin->length;
  run->sum = 0;
  run->sums = run->probabilities = 0;
  run->lengths = 0;
}

/// Takes the words of the oldest lap in order, each after what the one before it leaves.
static void take(quipu_ngram_run *run, int count) {
  const float *backoffs = run->backoffs;
  float sum = run->sum;
  int length = run->length;
  for (int i = 0; i < count; i++) {
    const quipu_ngram_slot *slot = slot_at(run, run->done_place++);
    int n = slot->longest <= length ? slot->longest : length + 1;
    float probability = slot->probabilities[n - 1];
    // Adding negative zero changes nothing, so that all are added and nothing branches.
    for (int b = 0; b < max_order - 1; b++) {
      probability += ((b >= n - 1) & (b < length)) ? backoffs[b] : -0.0f;
    }
    sum += probability;
    if (run->probabilities) *run->probabilities++ = probability;
    if (run->lengths) *run->lengths++ = (uint8_t)n;
    if (!slot->is_inner) {
      *run->sums++ = sum;
      sum = 0;
    }
    uint32_t contexts = slot->contexts & ((1u << n) - 1);
    backoffs = slot->is_inner ? slot->backoffs : run->begin->backoffs;
    length = slot->is_inner ? 31 - __builtin_clz(contexts << 1 | 1) : run->begin->length;
  }
  run->backoffs = backoffs;
  run->length = length;
  run->sum = sum;
}

/// One round.
static void advance(quipu_ngram_run *run) {
  const int order = run->model->order;
  if (run->model->layout == quipu_ngram_hashed) quipu_ngram_advance_hashed(run);
  else quipu_ngram_advance_sorted(run);
  take(run, run->sizes[order]);
  memmove(run->sizes + 1, run->sizes, (size_t)order * sizeof *run->sizes);
  run->sizes[0] = 0;
}

/// Brings all words to their end.
static void drain(quipu_ngram_run *run) {
  for (int round = 0; round <= run->model->order; round++) advance(run);
}

static inline void put(quipu_ngram_run *run, uint32_t word, uint8_t is_inner) {
  if (run->sizes[0] == lap_size) advance(run);
  quipu_ngram_slot *slot = slot_at(run, run->put_place++);
  slot->word = slot->seen = word < run->model->words ? word : 0;
  slot->is_inner = is_inner;
  __builtin_prefetch(run->model->unigrams + slot->word * run->model->unigram_stride);
  run->sizes[0]++;
}

float quipu_ngram_score(
    const quipu_ngram_model *model, const uint32_t *words, long count, int64_t end,
    quipu_ngram_state *state, float sum, float *probabilities, uint8_t *lengths) {
  quipu_ngram_run run;
  start(&run, model, state);
  run.sum = sum;
  run.probabilities = probabilities;
  run.lengths = lengths;
  for (long i = 0; i < count; i++) put(&run, words[i], 1);
  if (end >= 0) put(&run, (uint32_t)end, 1);
  drain(&run);
  for (int i = 0; i < max_order - 1; i++) {
    uint32_t place = run.put_place - 1 - (uint32_t)i;
    state->words[i] = i < run.length ? slot_at(&run, place)->seen : 0;
    state->backoffs[i] = i < run.length ? run.backoffs[i] : 0;
  }
  state->length = run.length;
  return run.sum;
}

void quipu_ngram_score_sentences(
    const quipu_ngram_model *model, const uint32_t *words, const long *ends, long sentences,
    uint32_t end, const quipu_ngram_state *begin, float *sums) {
  quipu_ngram_run run;
  start(&run, model, begin);
  run.sums = sums;
  long place = 0;
  for (long sentence = 0; sentence < sentences; sentence++) {
    for (; place < ends[sentence]; place++) put(&run, words[place], 1);
    put(&run, end, 0);
    // The next sentence sees the mark of a beginning where this one has that of its end.
    slot_at(&run, run.put_place - 1)->seen = begin->words[0];
  }
  drain(&run);
}

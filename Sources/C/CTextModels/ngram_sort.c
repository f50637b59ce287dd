// Sorting and moving the memory in which models are built.
#define _GNU_SOURCE  // mremap
#include "ngram.h"
#include <sys/mman.h>

void *quipu_ngram_remap(void *base, long old_size, long size) {
  void *moved = mremap(base, (size_t)old_size, (size_t)size, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? 0 : moved;
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

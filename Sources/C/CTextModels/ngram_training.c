// Loops of language-model training that stay in C: words, radix sorts, n-grams in place.
#include "ngram_training.h"

#include <string.h>
#include <sys/mman.h>

void quipu_huge_pages(void *memory, long size) {
#ifdef MADV_HUGEPAGE
  const uintptr_t page = 1 << 21, start = ((uintptr_t)memory + page - 1) & -page;
  const uintptr_t end = ((uintptr_t)memory + (uintptr_t)size) & -page;
  if (end > start) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
  (void)memory, (void)size;
#endif
}

// MARK: Words

static inline uint64_t load(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

static inline uint64_t mixed(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hashed(const uint8_t *bytes, long count) {
  uint64_t hash = 0x9e3779b97f4a7c15u ^ (uint64_t)count;
  for (; count > 8; bytes += 8, count -= 8)
    hash = mixed(hash ^ load(bytes), 0xd6e8feb86659fd93u);
  uint64_t rest = count > 0 ? load(bytes) << (64 - 8 * count) : 0;
  return mixed(hash ^ rest, 0xa0761d6478bd642fu);
}

uint64_t quipu_word_hash(const uint8_t *bytes, long count) { return hashed(bytes, count); }

static const uint8_t parts[256] = {[0] = 1, ['\t'] = 1, ['\n'] = 2, ['\r'] = 1, [' '] = 1};

long quipu_words_cut(
    const uint8_t *bytes, long count, quipu_word *words, long room, long *used) {
  long made = 0, place = 0;
  while (made < room) {
    while (place < count && parts[bytes[place]] == 1) place++;
    if (place == count) break;
    long end = place;
    while (end < count && !parts[bytes[end]]) end++;
    if (end == count) break;
    if (end == place) {
      words[made++] = (quipu_word){0, (uint32_t)place, 0};
      place++;
    } else {
      long length = end - place;
      words[made++] =
          (quipu_word){hashed(bytes + place, length), (uint32_t)place, (uint32_t)length};
      place = end;
    }
  }
  *used = place;
  return made;
}

// MARK: Sorting

/// Digits have this many bits at most; fewer records are sorted by shorter ones.
enum { long_digit = 12, short_digit = 8, long_list = 1 << 16 };

static void insert_sort(quipu_record *records, long count, int low, int high) {
  for (long i = 1; i < count; i++) {
    quipu_record record = records[i];
    uint64_t key = record.key << (64 - high) >> (64 - high + low);
    long j = i;
    for (; j > 0 && records[j - 1].key << (64 - high) >> (64 - high + low) > key; j--)
      records[j] = records[j - 1];
    records[j] = record;
  }
}

quipu_record *quipu_records_sort(
    quipu_record *records, quipu_record *other, long count, int low, int high) {
  if (high <= low || count < 2) return records;
  if (count <= 40) {
    insert_sort(records, count, low, high);
    return records;
  }
  uint32_t counts[8 << short_digit > 6 << long_digit ? 8 << short_digit : 6 << long_digit];
  const int most = count < long_list ? short_digit : long_digit;
  const int digits = (high - low + most - 1) / most;
  const int digit_bits = (high - low + digits - 1) / digits, digit_size = 1 << digit_bits;
  memset(counts, 0, sizeof counts[0] * (unsigned)(digits * digit_size));
  uint64_t all = ~(uint64_t)0, any = 0;
  for (long i = 0; i < count; i++) {
    uint64_t key = records[i].key;
    all &= key;
    any |= key;
    key = key << (64 - high) >> (64 - high + low);
    for (int digit = 0; digit < digits; digit++)
      counts[digit * digit_size + (long)(key >> (digit * digit_bits) & (uint64_t)(digit_size - 1))]++;
  }
  uint64_t varies = (all ^ any) << (64 - high) >> (64 - high + low);
  for (int digit = 0; digit < digits; digit++) {
    if (!(varies >> (digit * digit_bits) & (uint64_t)(digit_size - 1))) continue;
    uint32_t *starts = counts + digit * digit_size, sum = 0;
    for (int value = 0; value < digit_size; value++) {
      uint32_t here = starts[value];
      starts[value] = sum;
      sum += here;
    }
    int shift = low + digit * digit_bits;
    uint64_t mask = (uint64_t)(digit_size - 1);
    if (shift + digit_bits > high) mask = (((uint64_t)1) << (high - shift)) - 1;
    for (long i = 0; i < count; i++)
      other[starts[records[i].key >> shift & mask]++] = records[i];
    quipu_record *swap = records;
    records = other;
    other = swap;
  }
  return records;
}

// MARK: N-grams in place

/// Set in the first position of a list while the lists before it are sorted.
static const uint32_t list_mark = 1u << 31;

/// The `count` words that end `depth` words before `position`, nearest first, as one number.
static inline uint64_t words_before(
    const uint32_t *text, uint32_t position, int depth, int count, int bits) {
  const uint32_t *place = text + position;
  for (int i = 0; i < depth; i++) place -= *place != 1;
  uint64_t key = 0;
  for (int i = 0; i < count; i++) {
    place -= *place != 1;
    key = key << bits | *place;
  }
  return key;
}

static void sort_from(
    const uint32_t *text, uint32_t *positions, long count, int depth, int order, int bits,
    quipu_record *scratch, long room) {
  int at_once = 64 / bits;
  while (count > 1 && depth < order - 1) {
    int taken = order - 1 - depth < at_once ? order - 1 - depth : at_once;
    if (count > room) {
      // Three parts around a key from the middle of three.
      uint64_t a = words_before(text, positions[count / 4], depth, taken, bits);
      uint64_t b = words_before(text, positions[count / 2], depth, taken, bits);
      uint64_t c = words_before(text, positions[count - 1 - count / 4], depth, taken, bits);
      uint64_t middle = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
      long less = 0, place = 0, more = count;
      while (place < more) {
        uint32_t position = positions[place];
        uint64_t key = words_before(text, position, depth, taken, bits);
        if (key < middle) {
          positions[place++] = positions[less];
          positions[less++] = position;
        } else if (key > middle) {
          positions[place] = positions[--more];
          positions[more] = position;
        } else {
          place++;
        }
      }
      sort_from(text, positions + less, more - less, depth + taken, order, bits, scratch, room);
      if (less < count - more) {
        sort_from(text, positions, less, depth, order, bits, scratch, room);
        positions += more;
        count -= more;
      } else {
        sort_from(text, positions + more, count - more, depth, order, bits, scratch, room);
        count = less;
      }
      continue;
    }
    const long ahead = 24;
    for (long i = 0; i < count; i++) {
      if (i + ahead < count) __builtin_prefetch(text + positions[i + ahead], 0);
      scratch[i].key = words_before(text, positions[i], depth, taken, bits);
      scratch[i].first = positions[i];
    }
    quipu_record *sorted = quipu_records_sort(scratch, scratch + room, count, 0, taken * bits);
    for (long i = 0; i < count; i++) positions[i] = sorted[i].first;
    depth += taken;
    if (depth >= order - 1) return;
    // The first of each list of equal keys is marked, as the scratch is used again for every list.
    for (long i = 1; i < count; i++)
      if (sorted[i].key != sorted[i - 1].key) positions[i] |= list_mark;
    for (long begin = 0, end; begin < count; begin = end) {
      positions[begin] &= ~list_mark;
      for (end = begin + 1; end < count && !(positions[end] & list_mark);) end++;
      if (end - begin > 1)
        sort_from(text, positions + begin, end - begin, depth, order, bits, scratch, room);
    }
    return;
  }
}

void quipu_ngrams_sort(
    const uint32_t *text, uint32_t *positions, long count, int order, int bits,
    quipu_record *scratch, long room) {
  sort_from(text, positions, count, 0, order, bits, scratch, room);
}

long quipu_ngrams_write(
    const uint32_t *text, const uint32_t *positions, long count, int order, uint32_t *ngrams,
    long room, long *made) {
  const long ahead = 24;
  const int size = order + 1;
  uint32_t *last = ngrams, *next = ngrams;
  const uint32_t *end = ngrams + room * size;
  long i = 0;
  for (; i < count; i++) {
    if (i + ahead < count) __builtin_prefetch(text + positions[i + ahead], 0);
    const uint32_t *place = text + positions[i];
    if (next == end) {
      // A full room: only more of the last n-gram can be taken.
      int same = last != next;
      for (int word = 0; word < order && same; word++) {
        same = *place == last[word];
        place -= *place != 1;
      }
      if (!same) break;
      last[order]++;
      continue;
    }
    uint32_t differs = next == ngrams;
    for (int word = 0; word < order; word++) {
      next[word] = *place;
      differs |= *place ^ last[word];
      place -= *place != 1;
    }
    if (differs) {
      next[order] = 1;
      last = next;
      next += size;
    } else {
      last[order]++;
    }
  }
  *made = (next - ngrams) / size;
  return i;
}

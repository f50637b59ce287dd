// Loops of language-model training that stay in C: radix sorts, n-grams in place, numbers as text.
#include "ngram_training.h"

#include <math.h>
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

// MARK: Numbers

/// The powers of ten from 10^-31 to 10^45, each the top 64 bits rounded up.
static uint64_t powers[77];
enum { least_power = -31, greatest_power = 45 };

/// Long division or multiplication by ten, in 32-bit digits, once.
__attribute__((constructor)) static void make_powers(void) {
  for (int power = 0; power <= greatest_power; power++) {
    // 10^power as digits, least first.
    uint32_t digits[8] = {1};
    for (int i = 0; i < power; i++) {
      uint64_t carry = 0;
      for (int d = 0; d < 8; d++) {
        carry += (uint64_t)digits[d] * 10;
        digits[d] = (uint32_t)carry;
        carry >>= 32;
      }
    }
    int top = 255;
    while (!(digits[top / 32] >> top % 32 & 1)) top--;
    uint64_t value = 0;
    int rest = 0;
    for (int bit = top; bit > top - 64; bit--)
      value = value << 1 | (bit >= 0 ? digits[bit / 32] >> bit % 32 & 1 : 0);
    for (int bit = top - 64; bit >= 0; bit--) rest |= digits[bit / 32] >> bit % 32 & 1;
    powers[power - least_power] = value + (uint64_t)rest;
    if (power == 0 || power > -least_power) continue;
    // 2^s / 10^power by long division, s so that the quotient has 64 bits; never exact.
    uint32_t remainder[8] = {1};
    uint64_t quotient = 0;
    int started = 0;
    for (int bits = 0; bits < 64;) {
      // Doubles the remainder, and takes the divisor away where it can.
      for (int d = 7; d > 0; d--) remainder[d] = remainder[d] << 1 | remainder[d - 1] >> 31;
      remainder[0] <<= 1;
      int greater = 1;
      for (int d = 7; d >= 0; d--)
        if (remainder[d] != digits[d]) {
          greater = remainder[d] > digits[d];
          break;
        }
      if (greater) {
        uint64_t borrow = 0;
        for (int d = 0; d < 8; d++) {
          uint64_t difference = (uint64_t)remainder[d] - digits[d] - borrow;
          remainder[d] = (uint32_t)difference;
          borrow = difference >> 63;
        }
      }
      started |= greater;
      quotient = quotient << 1 | (unsigned)greater;
      bits += started;
    }
    powers[-power - least_power] = quotient + 1;
  }
}

static inline int32_t floor_log2_of_power(int32_t power) { return (power * 1741647) >> 19; }

/// The product's top 32 bits, the last one also set where bits below it are.
static inline uint32_t scaled(uint64_t power, uint32_t value) {
  __uint128_t product = (__uint128_t)power * value;
  return (uint32_t)(product >> 64) | ((uint32_t)(product >> 32) > 1);
}

/// The shortest decimal digits within half a step of a positive finite float, and the nearest of those.
///
/// Raffaele Giulietti, "The Schubfach way to render doubles", 2020, for single precision.
static uint32_t shortest(uint32_t bits, int32_t *exponent) {
  uint32_t fraction = bits & 0x7fffff, scale = bits >> 23;
  uint32_t c = scale ? fraction | 0x800000 : fraction;
  int32_t q = (scale ? (int32_t)scale : 1) - 150;
  int odd = c & 1, uneven = fraction == 0 && scale > 1;
  int32_t k = (q * 1262611 - (uneven ? 524031 : 0)) >> 22;
  int32_t h = q + floor_log2_of_power(-k) + 1;
  uint64_t power = powers[-k - least_power];
  uint32_t lower = scaled(power, (4 * c - 2 + (uint32_t)uneven) << h) + (uint32_t)odd;
  uint32_t value = scaled(power, (4 * c) << h);
  uint32_t upper = scaled(power, (4 * c + 2) << h) - (uint32_t)odd;
  uint32_t s = value / 4;
  if (s >= 10) {
    uint32_t tens = s / 10;
    int below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
    if (below != above) {
      *exponent = k + 1;
      return tens + (uint32_t)above;
    }
  }
  *exponent = k;
  int below = lower <= 4 * s, above = 4 * s + 4 <= upper;
  if (below != above) return s + (uint32_t)above;
  uint32_t middle = 4 * s + 2;
  return s + (value > middle || (value == middle && (s & 1)));
}

long quipu_float_write(float value, uint8_t *text) {
  uint8_t *at = text;
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if (value != value) return memcpy(text, "NaN", 3), 3;
  if (bits >> 31) *at++ = '-';
  bits &= 0x7fffffff;
  if (bits == 0x7f800000) return memcpy(at, "inf", 3), at + 3 - text;
  if (bits == 0) return *at++ = '0', at - text;
  int32_t exponent;
  uint32_t number = shortest(bits, &exponent);
  while (number % 10 == 0) {
    number /= 10;
    exponent++;
  }
  uint8_t digits[10];
  int first = 10;
  for (; number; number /= 10) digits[--first] = (uint8_t)('0' + number % 10);
  const int count = 10 - first;
  const uint8_t *digit = digits + first;
  // Where the decimal point stands, counted from before the first digit.
  const int point = count + exponent;
  if (point > 21 || point < -5) {
    *at++ = *digit;
    if (count > 1) {
      *at++ = '.';
      memcpy(at, digit + 1, (unsigned)(count - 1));
      at += count - 1;
    }
    *at++ = 'e';
    int shown = point - 1;
    if (shown < 0) {
      *at++ = '-';
      shown = -shown;
    }
    if (shown >= 10) *at++ = (uint8_t)('0' + shown / 10);
    *at++ = (uint8_t)('0' + shown % 10);
  } else if (point <= 0) {
    memcpy(at, "0.000000", 8);
    at += 2 - point;
    memcpy(at, digit, (unsigned)count);
    at += count;
  } else if (point >= count) {
    memcpy(at, digit, (unsigned)count);
    memset(at + count, '0', (unsigned)(point - count));
    at += point;
  } else {
    memcpy(at, digit, (unsigned)point);
    at[point] = '.';
    memcpy(at + point + 1, digit + point, (unsigned)(count - point));
    at += count + 1;
  }
  return at - text;
}

// MARK: Lines

/// Logarithms as text, by the bits of the number; most numbers of a model come often.
typedef struct {
  uint32_t bits;
  uint8_t length;
  uint8_t text[27];
} number_text;

enum { cache_bits = 10 };

static inline uint8_t *logarithm(float value, int is_probability, number_text *cache, uint8_t *at) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  number_text *entry = cache + (bits * 0x9e3779b1u >> (32 - cache_bits));
  if (entry->bits != bits || !entry->length) {
    float shown = log10f(value);
    if (is_probability && !(shown < 0)) shown = 0;
    uint8_t text[32];
    long length = quipu_float_write(shown, text);
    memcpy(entry->text, text, 27);
    entry->bits = bits;
    entry->length = (uint8_t)length;
  }
  memcpy(at, entry->text, 27);
  return at + entry->length;
}

long quipu_arpa_size(const quipu_arpa_lines *lines) {
  long size = lines->count * 72 + 64;
  const uint32_t *end = lines->words + lines->count * lines->order;
  for (const uint32_t *word = lines->words; word < end; word++) {
    if (end - word > 24) __builtin_prefetch(lines->starts + word[24], 0);
    size += (long)(lines->starts[*word + 1] - lines->starts[*word]) + 1;
  }
  return size;
}

long quipu_arpa_write(const quipu_arpa_lines *lines, uint8_t *text) {
  number_text probabilities[1 << cache_bits], backoffs[1 << cache_bits];
  for (int i = 0; i < 1 << cache_bits; i++) probabilities[i].length = backoffs[i].length = 0;
  uint8_t *at = text;
  const uint32_t *ahead = lines->words, *end = lines->words + lines->count * lines->order;
  for (int i = 0; i < 12 * lines->order && ahead < end; i++)
    __builtin_prefetch(lines->bytes + lines->starts[*ahead++], 0);
  for (long line = 0; line < lines->count; line++) {
    for (int i = 0; i < lines->order && ahead < end; i++)
      __builtin_prefetch(lines->bytes + lines->starts[*ahead++], 0);
    at = logarithm(lines->probabilities[line], 1, probabilities, at);
    const uint32_t *words = lines->words + line * lines->order;
    for (int i = lines->order - 1; i >= 0; i--) {
      *at++ = i == lines->order - 1 ? '\t' : ' ';
      uint64_t start = lines->starts[words[i]], length = lines->starts[words[i] + 1] - start;
      const uint8_t *bytes = lines->bytes + start;
      // Thirty-two bytes at once, which are readable and have room.
      memcpy(at, bytes, 32);
      if (length > 32) memcpy(at + 32, bytes + 32, length - 32);
      at += length;
    }
    if (lines->backoffs) {
      *at++ = '\t';
      at = logarithm(lines->backoffs[line], 0, backoffs, at);
    }
    *at++ = '\n';
  }
  return at - text;
}

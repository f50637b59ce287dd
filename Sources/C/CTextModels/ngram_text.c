// Language models as ARPA text: the shortest digits of a number, and lines of n-grams.
#include "ngram_training.h"

#include <math.h>
#include <string.h>

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

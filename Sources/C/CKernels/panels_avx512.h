// Panels of 32-bit places on AVX-512: an f32 each, or two neighbours of the depth rounded to bf16.

/// Turns 16 rows of 16 places into columns.
INLINE void transpose16(__m512i r[16]) {
  __m512i t[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

/// The lowest `n` of 16 lanes, none below 0.
INLINE __mmask16 lanes_below(long n) {
  return n >= 16 ? (__mmask16)0xffff : n <= 0 ? (__mmask16)0 : (__mmask16)((1u << n) - 1);
}

#if defined(PAIRS)
#define PLACE_DEPTH 2L

/// 16 places of a row of which `n` elements are left.
INLINE __m512i places_along(const float *from, long n) {
  __m512 low = _mm512_maskz_loadu_ps(lanes_below(n), from);
  __m512 high = _mm512_maskz_loadu_ps(lanes_below(n - 16), from + 16);
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/// A place of each of 16 rows that are neighbours, where the depth has `n` steps left.
INLINE __m512i places_across(const float *from, long stride, __mmask16 lanes, long n) {
  __m512 low = _mm512_maskz_loadu_ps(lanes, from);
  __m512 high = n > 1 ? _mm512_maskz_loadu_ps(lanes, from + stride) : _mm512_setzero_ps();
  const __m512i mix = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
                                       7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(mix, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}
#else
#define PLACE_DEPTH 1L

INLINE __m512i places_along(const float *from, long n) {
  return _mm512_castps_si512(_mm512_maskz_loadu_ps(lanes_below(n), from));
}

INLINE __m512i places_across(const float *from, long stride, __mmask16 lanes, long n) {
  (void)stride, (void)n;
  return _mm512_castps_si512(_mm512_maskz_loadu_ps(lanes, from));
}
#endif

/// Up to 16 rows of a panel; the elements of a row are neighbours in `from`.
INLINE void pack_along(int32_t *to, long width, const float *from, long stride, long rows, long depth,
                       __mmask16 lanes) {
  long places = (depth + PLACE_DEPTH - 1) / PLACE_DEPTH;
  for (long p = 0; p < places; p += 16) {
    __m512i r[16];
    const float *at = from + p * PLACE_DEPTH;
    long left = depth - p * PLACE_DEPTH;
    if (rows == 16 && left >= 16 * PLACE_DEPTH) {
#pragma clang loop unroll(full)
      for (long i = 0; i < 16; i++) r[i] = places_along(at + i * stride, 16 * PLACE_DEPTH);
    } else {
#pragma clang loop unroll(full)
      for (long i = 0; i < 16; i++)
        r[i] = i < rows ? places_along(at + i * stride, left) : _mm512_setzero_si512();
    }
    transpose16(r);
    int32_t *column = to + p * width;
    if (places - p >= 16) {
#pragma clang loop unroll(full)
      for (long q = 0; q < 16; q++) _mm512_mask_storeu_epi32(column + q * width, lanes, r[q]);
    } else {
#pragma clang loop unroll(full)
      for (long q = 0; q < 16; q++)
        if (q < places - p) _mm512_mask_storeu_epi32(column + q * width, lanes, r[q]);
    }
  }
}

/// Panels `width` wide of a matrix whose element (i, p) is at `from + i * across + p * along`.
INLINE void pack(void *to_, long width, const float *from, long across, long along, long n,
                 long depth) {
  long places = (depth + PLACE_DEPTH - 1) / PLACE_DEPTH;
  int32_t *to = to_;
  if (across != 1) {
    for (long i = 0; i < n; i += width)
      for (long g = 0; g < width; g += 16)
        pack_along(to + i * places + g, width, from + (i + g) * across, across,
                   least(n - i - g, least(16, width - g)), depth, lanes_below(width - g));
    return;
  }
  // The rows are neighbours. Some steps of the depth at a time: each may be a page of memory.
  for (long first = 0; first < places; first += 8) {
    long end = least(first + 8, places);
    for (long i = 0; i < n; i += width)
      for (long g = 0; g < width; g += 16) {
        __mmask16 lanes = lanes_below(least(n - i - g, width - g)), whole = lanes_below(width - g);
        for (long p = first; p < end; p++)
          _mm512_mask_storeu_epi32(
              to + i * places + p * width + g, whole,
              places_across(from + p * PLACE_DEPTH * along + i + g, along, lanes,
                            depth - p * PLACE_DEPTH));
      }
  }
}

// bf16 products with sums in f32, on AMX: a 32 x 32 block of C in four tiles, 32 steps of the depth at once.
#if defined(__x86_64__)
#include "tables.h"

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL float
#define PAIRS 1
#define EDGE 16L               // rows of a tile, and places of its rows
#define SIDE (2 * EDGE)        // rows and columns of a block
#define TILE (EDGE * EDGE)     // places of a tile
#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16,avx512bf16,avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#include "vectors.h"
#include "panels_avx512.h"

int quipu_has_amx(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & 1u << 22) || !(d & 1u << 24)) return 0;
  // Linux gives a process room for tiles when it asks: ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA.
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

/// A matrix whose element (i, p) is at `from + i * across + p * along`, one of which is 1.
typedef struct {
  const float *from;
  long across, along, n, depth;
} strided;

/// The tile of 16 rows from `i` on and of 16 places from `p` on, or the same turned, places as rows:
/// panels of 32 rows follow one another, and in them two tiles for each 16 places.
INLINE void pack_tile(int32_t *to, const strided *m, long i, long p, long places, int is_turned) {
  const float *from = m->from + i * m->across + 2 * p * m->along;
  long rows = m->n - i, depth = m->depth - 2 * p;
  __m512i r[EDGE];
  if (m->across != 1) {
#pragma clang loop unroll(full)
    for (long q = 0; q < EDGE; q++)
      r[q] = q < rows ? places_along(from + q * m->across, depth) : _mm512_setzero_si512();
  } else {
    __mmask16 lanes = lanes_below(rows);
#pragma clang loop unroll(full)
    for (long q = 0; q < EDGE; q++)
      r[q] = 2 * q < depth ? places_across(from + 2 * q * m->along, m->along, lanes, depth - 2 * q)
                           : _mm512_setzero_si512();
  }
  if ((m->across != 1) == is_turned) transpose16(r);
  to += i / SIDE * SIDE * places + p * SIDE + i % SIDE * EDGE;
#pragma clang loop unroll(full)
  for (long q = 0; q < EDGE; q++) _mm512_storeu_si512(to + q * EDGE, r[q]);
}

INLINE void pack_tiles(int32_t *to, strided m, int is_turned) {
  long places = (m.depth + 2 * EDGE - 1) / (2 * EDGE) * EDGE;
  // What is read one after another are neighbours in memory.
  if (m.across != 1) {
    for (long i = 0; i < m.n; i += EDGE)
      for (long p = 0; p < places; p += EDGE) pack_tile(to, &m, i, p, places, is_turned);
  } else {
    for (long p = 0; p < places; p += EDGE)
      for (long i = 0; i < m.n; i += EDGE) pack_tile(to, &m, i, p, places, is_turned);
  }
}

static void pack_a(void *packed, const void *a, long row_stride, long column_stride, long m, long k) {
  pack_tiles(packed, (strided){a, row_stride, column_stride, m, k}, 0);
}

static void pack_b(void *packed, const void *b, long row_stride, long column_stride, long k, long n) {
  pack_tiles(packed, (strided){b, column_stride, row_stride, n, k}, 1);
}

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

/// All eight tiles at their largest.
INLINE void begin_tiles(void) {
  tile_shapes shapes = {.palette = 1};
  for (int i = 0; i < 8; i++) shapes.row_bytes[i] = 64, shapes.rows[i] = EDGE;
  _tile_loadconfig(&shapes);
}

/// One block of C, in four tiles of sums. B comes past the first-level cache, so that the panel of A stays
/// in it for all panels of B.
INLINE void multiply_block(const int32_t *a, const int32_t *b, long steps, float *c, long ld,
                           int accumulate) {
  long bytes = ld * (long)sizeof(float);
  float *below = c + EDGE * ld;
  if (accumulate) {
    _tile_loadd(0, c, bytes);
    _tile_loadd(1, c + EDGE, bytes);
    _tile_loadd(2, below, bytes);
    _tile_loadd(3, below + EDGE, bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (long p = 0; p < steps; p++, a += 2 * TILE, b += 2 * TILE) {
    _tile_loadd(4, a, 64);
    _tile_stream_loadd(6, b, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_stream_loadd(7, b + TILE, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + TILE, 64);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, bytes);
  _tile_stored(1, c + EDGE, bytes);
  _tile_stored(2, below, bytes);
  _tile_stored(3, below + EDGE, bytes);
}

static void multiply_packed(const void *a, const void *b, long k, void *c, long ld, long m, long n,
                            int accumulate) {
  long steps = (k + 2 * EDGE - 1) / (2 * EDGE), places = steps * EDGE;
  begin_tiles();
  for (long i = 0; i < m; i += SIDE) {
    const int32_t *rows = (const int32_t *)a + i * places;
    for (long j = 0; j < n; j += SIDE) {
      const int32_t *panel = (const int32_t *)b + j * places;
      float *to = (float *)c + i * ld + j;
      if (m - i >= SIDE && n - j >= SIDE) {
        multiply_block(rows, panel, steps, to, ld, accumulate);
        continue;
      }
      // The same sums, beside C.
      float edge[SIDE * SIDE];
      long height = least(SIDE, m - i), width = least(SIDE, n - j);
      if (accumulate) {
        memset(edge, 0, sizeof edge);
        for (long r = 0; r < height; r++)
          memcpy(edge + r * SIDE, to + r * ld, (size_t)width * sizeof(float));
      }
      multiply_block(rows, panel, steps, edge, SIDE, accumulate);
      for (long r = 0; r < height; r++)
        memcpy(to + r * ld, edge + r * SIDE, (size_t)width * sizeof(float));
    }
  }
  // A thread without tiles in use is switched to and from sooner.
  _tile_release();
}

const quipu_products quipu_products_bf16_amx = {
    .name = "bf16_amx",
    .mr = SIDE,
    .nr = SIDE,
    .kc = 512,
    .pairs = 2,
    .step = EDGE,
    .pack_a = pack_a,
    .pack_b = pack_b,
    .multiply_packed = multiply_packed,
};

double quipu_peak_bf16_amx(long rounds) {
  begin_tiles();
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  for (long r = 0; r < rounds; r++) {
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
  }
  _tile_release();
  return (double)rounds * 4 * 2 * EDGE * EDGE * 2 * EDGE;
}
#pragma clang attribute pop
#endif

// The embedding, forward and backward. Rows have 8 · C8 channels.

/// Copies the row of each token; a negative one gets zeros.
extern "C" __global__ void __launch_bounds__(256) embed(
    V8 *__restrict__ x, const V8 *__restrict__ table, const int *__restrict__ tokens, int C8) {
  int token = tokens[blockIdx.x];
  for (int i = threadIdx.x; i < C8; i += 256)
    x[(long)blockIdx.x * C8 + i] = token < 0 ? V8{} : table[(long)token * C8 + i];
}

/// Adds the rows of each token to its row of the table's gradient, in the order of the rows.
///
/// Block (u, c) does the u-th of the batch's tokens. `numbers` are how many different ones there are,
/// `most` places for them, `most + 1` for where each one's rows start, and the rows, token by token.
extern "C" __global__ void __launch_bounds__(128) embed_backward(
    F4 *__restrict__ table, const V8 *__restrict__ dx, const int *__restrict__ numbers, int most,
    int C8) {
  const int *tokens = numbers + 1, *starts = tokens + most, *order = starts + most + 1;
  int i = blockIdx.y * 128 + threadIdx.x;
  if (i >= C8 || blockIdx.x >= numbers[0]) return;
  int end = starts[blockIdx.x + 1];
  float sum[8] = {};
#pragma unroll 4
  for (int at = starts[blockIdx.x]; at < end; at++) {
    float f[8];
    unpack(dx[(long)order[at] * C8 + i], f);
#pragma unroll
    for (int k = 0; k < 8; k++) sum[k] += f[k];
  }
  F4 *to = table + ((long)tokens[blockIdx.x] * C8 + i) * 2;
#pragma unroll
  for (int h = 0; h < 2; h++) {
    F4 old = to[h];
#pragma unroll
    for (int k = 0; k < 4; k++) old.v[k] += sum[4 * h + k];
    to[h] = old;
  }
}

// The softmax of attention without fusion: the oracle and the fallback. A block of 256 threads takes
// the scores of one query; query i of a head sees its first `seen + i` keys.

/// Scores (f32, K of them) become probabilities (bf16, 0 beyond what is seen); keeps log Σ e^score.
extern "C" __global__ void __launch_bounds__(256) causal_softmax(
    u16 *__restrict__ p, float *__restrict__ logSum, const float *__restrict__ scores, int Q, int K,
    int seen, float scale) {
  __shared__ float part[8], parts[8];
  long row = blockIdx.x;
  int visible = seen + (int)(row % Q);
  const float *s = scores + row * K;
  float most = -3.4e38f, sum = 0.f;
  for (int k = threadIdx.x; k < visible; k += 256) most = fmaxf(most, s[k] * scale);
#pragma unroll
  for (int o = 16; o; o >>= 1) most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, o));
  if ((threadIdx.x & 31) == 0) part[threadIdx.x >> 5] = most;
  __syncthreads();
#pragma unroll
  for (int k = 0; k < 8; k++) most = fmaxf(most, part[k]);
  for (int k = threadIdx.x; k < visible; k += 256) sum += __expf(s[k] * scale - most);
  sum = blockSum<8>(sum, parts);
  float inverse = 1.f / sum;
  for (int k = threadIdx.x; k < K; k += 256)
    p[row * K + k] = k < visible ? narrow(__expf(s[k] * scale - most) * inverse) : 0;
  if (threadIdx.x == 0) logSum[row] = most + logf(sum);
}

/// The probabilities again, from what was kept.
extern "C" __global__ void __launch_bounds__(256) causal_softmax_again(
    u16 *__restrict__ p, const float *__restrict__ logSum, const float *__restrict__ scores, int Q,
    int K, int seen, float scale) {
  long row = blockIdx.x;
  int visible = seen + (int)(row % Q);
  float kept = logSum[row];
  for (int k = threadIdx.x; k < K; k += 256)
    p[row * K + k] = k < visible ? narrow(__expf(scores[row * K + k] * scale - kept)) : 0;
}

/// ds = p · (dp - dot) · scale, in the place of p.
extern "C" __global__ void __launch_bounds__(256) score_gradient(
    u16 *__restrict__ p, const float *__restrict__ dp, const float *__restrict__ dots, int K,
    float scale) {
  long row = blockIdx.x;
  float dot = dots[row];
  for (int k = threadIdx.x; k < K; k += 256)
    p[row * K + k] = narrow(widen(p[row * K + k]) * (dp[row * K + k] - dot) * scale);
}

/// dots[n][q] = Σ over a head's D channels of dy · y; rows of N heads, a warp for each.
extern "C" __global__ void __launch_bounds__(256) head_dots(
    float *__restrict__ dots, const u16 *__restrict__ dy, const u16 *__restrict__ y, int Q, int N,
    int D) {
  int head = blockIdx.x * 8 + (threadIdx.x >> 5);
  if (head >= Q * N) return;
  int q = head / N, n = head % N;
  float s = 0.f;
  for (int d = threadIdx.x & 31; d < D; d += 32)
    s += widen(dy[(long)head * D + d]) * widen(y[(long)head * D + d]);
  s = warpSum(s);
  if ((threadIdx.x & 31) == 0) dots[(long)n * Q + q] = s;
}

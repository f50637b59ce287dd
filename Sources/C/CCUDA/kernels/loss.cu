// The cross-entropy of rows of logits, one block of 512 threads for each; rows have 8 · V8 columns.

struct Exponentials {
  float most, sum;
};

__device__ __forceinline__ Exponentials joined(Exponentials a, Exponentials b) {
  float most = fmaxf(a.most, b.most);
  if (most == -__int_as_float(0x7f800000)) return {most, 0.f};
  return {most, a.sum * __expf(a.most - most) + b.sum * __expf(b.most - most)};
}

/// The largest logit of a row and the sum of exponentials below it, to every thread.
__device__ __forceinline__ Exponentials exponentials(const V8 *row, int V8s) {
  __shared__ Exponentials part[16];
  Exponentials e = {-__int_as_float(0x7f800000), 0.f};
  for (int i = threadIdx.x; i < V8s; i += 512) {
    float f[8];
    unpack(row[i], f);
    float most = f[0];
#pragma unroll
    for (int k = 1; k < 8; k++) most = fmaxf(most, f[k]);
    most = fmaxf(most, e.most);
    if (most == -__int_as_float(0x7f800000)) continue;
    float s = e.sum * __expf(e.most - most);
#pragma unroll
    for (int k = 0; k < 8; k++) s += __expf(f[k] - most);
    e = {most, s};
  }
#pragma unroll
  for (int o = 16; o; o >>= 1) {
    Exponentials other = {__shfl_xor_sync(0xffffffffu, e.most, o),
                          __shfl_xor_sync(0xffffffffu, e.sum, o)};
    e = joined(e, other);
  }
  if ((threadIdx.x & 31) == 0) part[threadIdx.x >> 5] = e;
  __syncthreads();
  e = part[0];
#pragma unroll
  for (int k = 1; k < 16; k++) e = joined(e, part[k]);
  return e;
}

/// losses = log Σ e^logit - logit[target]; with `gradient`, logits become scale · (softmax - one-hot).
///
/// A negative target costs nothing and has gradient 0.
extern "C" __global__ void __launch_bounds__(512) cross_entropy(
    V8 *__restrict__ logits, double *__restrict__ losses, const int *__restrict__ targets, int V8s,
    float scale, int gradient) {
  V8 *row = logits + (long)blockIdx.x * V8s;
  int target = targets[blockIdx.x];
  if (target < 0) {
    if (threadIdx.x == 0) losses[blockIdx.x] = 0;
    if (gradient)
      for (int i = threadIdx.x; i < V8s; i += 512) row[i] = V8{};
    return;
  }
  float wanted = widen(((const u16 *)row)[target]);
  Exponentials e = exponentials(row, V8s);
  if (threadIdx.x == 0) losses[blockIdx.x] = (double)(e.most - wanted) + (double)logf(e.sum);
  if (!gradient) return;
  float factor = scale / e.sum;
  __syncthreads();
  for (int i = threadIdx.x; i < V8s; i += 512) {
    float f[8];
    unpack(row[i], f);
#pragma unroll
    for (int k = 0; k < 8; k++) {
      f[k] = __expf(f[k] - e.most) * factor;
      if (8 * i + k == target) f[k] -= scale;
    }
    row[i] = packed(f);
  }
}

/// For a vocabulary that ranks share: logits become the softmax over this part, and `parts` receives
/// log Σ e^logit and the target's logit, which is 0 where the target is not here.
extern "C" __global__ void __launch_bounds__(512) softmax_shard(
    V8 *__restrict__ logits, double *__restrict__ parts, const int *__restrict__ targets,
    int V8s) {
  V8 *row = logits + (long)blockIdx.x * V8s;
  int target = targets[blockIdx.x];
  float wanted = target < 0 ? 0.f : widen(((const u16 *)row)[target]);
  Exponentials e = exponentials(row, V8s);
  if (threadIdx.x == 0) {
    parts[2 * blockIdx.x] = (double)e.most + (double)logf(e.sum);
    parts[2 * blockIdx.x + 1] = wanted;
  }
  float factor = 1.f / e.sum;
  __syncthreads();
  for (int i = threadIdx.x; i < V8s; i += 512) {
    float f[8];
    unpack(row[i], f);
#pragma unroll
    for (int k = 0; k < 8; k++) f[k] = __expf(f[k] - e.most) * factor;
    row[i] = packed(f);
  }
}

/// Losses of T rows from the parts that `softmax_shard` gave on each rank, one after another, and what
/// this rank's shares are multiplied by; both are 0 where the target is negative.
extern "C" __global__ void __launch_bounds__(128) join_softmax(
    double *__restrict__ losses, double *__restrict__ factors, const double *__restrict__ parts,
    const int *__restrict__ targets, int T, int ranks, int rank) {
  int t = blockIdx.x * 128 + threadIdx.x;
  if (t >= T) return;
  double most = parts[2l * t], sum = 0, wanted = 0;
  for (int k = 1; k < ranks; k++) most = fmax(most, parts[2 * ((long)k * T + t)]);
  for (int k = 0; k < ranks; k++) {
    const double *part = parts + 2 * ((long)k * T + t);
    sum += exp(part[0] - most);
    wanted += part[1];
  }
  double all = most + log(sum), own = parts[2 * ((long)rank * T + t)];
  losses[t] = targets[t] < 0 ? 0. : all - wanted;
  factors[t] = targets[t] < 0 ? 0. : exp(own - all);
}

/// Shares of `softmax_shard` become scale · (share · factor - one-hot).
extern "C" __global__ void __launch_bounds__(512) softmax_shard_gradient(
    V8 *__restrict__ shares, const int *__restrict__ targets, const double *__restrict__ factors,
    int V8s, float scale) {
  V8 *row = shares + (long)blockIdx.x * V8s;
  int target = targets[blockIdx.x];
  float factor = (float)factors[blockIdx.x] * scale;
  for (int i = threadIdx.x; i < V8s; i += 512) {
    float f[8];
    unpack(row[i], f);
#pragma unroll
    for (int k = 0; k < 8; k++) {
      f[k] *= factor;
      if (8 * i + k == target) f[k] -= scale;
    }
    row[i] = packed(f);
  }
}

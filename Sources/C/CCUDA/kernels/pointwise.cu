// Operations on channels: rotary position embedding and the gated activation.

/// Turns pairs (i, i + half) of the first `heads` heads of each row in place.
///
/// A thread turns eight pairs. Row t stands at position `start + t % length`; `sign` is -1 to turn back.
extern "C" __global__ void __launch_bounds__(256) rotate(
    V8 *__restrict__ x, const F4 *__restrict__ cosines, const F4 *__restrict__ sines, int R8,
    int heads, int half8, int length, int start, float sign) {
  int t = blockIdx.x, position = start + t % length;
  for (int i = threadIdx.x + blockDim.x * blockIdx.y; i < heads * half8;
       i += blockDim.x * gridDim.y) {
    int head = i / half8, pair = i % half8;
    V8 *a = x + (long)t * R8 + head * 2 * half8 + pair, *b = a + half8;
    const F4 *c = cosines + ((long)position * half8 + pair) * 2;
    const F4 *s = sines + ((long)position * half8 + pair) * 2;
    F4 cs[2] = {c[0], c[1]}, sn[2] = {s[0], s[1]};
    float l[8], h[8], nl[8], nh[8];
    unpack(*a, l);
    unpack(*b, h);
#pragma unroll
    for (int k = 0; k < 8; k++) {
      float co = cs[k / 4].v[k % 4], si = sign * sn[k / 4].v[k % 4];
      nl[k] = l[k] * co - h[k] * si;
      nh[k] = h[k] * co + l[k] * si;
    }
    *a = packed(nl);
    *b = packed(nh);
  }
}

/// y = silu(gate) · up; block (t, c) takes 256 vectors of row t, which has 8 · H8 gates, then as many ups.
extern "C" __global__ void __launch_bounds__(256) swiglu(
    V8 *__restrict__ y, const V8 *__restrict__ gateUp, int H8) {
  int h = blockIdx.y * 256 + threadIdx.x;
  if (h >= H8) return;
  long i = (long)blockIdx.x * H8 + h, at = i + (long)blockIdx.x * H8;
  float g[8], u[8];
  unpack(gateUp[at], g);
  unpack(gateUp[at + H8], u);
#pragma unroll
  for (int k = 0; k < 8; k++) u[k] *= g[k] / (1.f + __expf(-g[k]));
  y[i] = packed(u);
}

/// Puts the gradients of gate and up in their place, and y once more into `y`.
extern "C" __global__ void __launch_bounds__(256) swiglu_backward(
    V8 *__restrict__ y, V8 *__restrict__ gateUp, const V8 *__restrict__ dy, int H8) {
  int h = blockIdx.y * 256 + threadIdx.x;
  if (h >= H8) return;
  long i = (long)blockIdx.x * H8 + h, at = i + (long)blockIdx.x * H8;
  float g[8], u[8], d[8], out[8];
  unpack(gateUp[at], g);
  unpack(gateUp[at + H8], u);
  unpack(dy[i], d);
#pragma unroll
  for (int k = 0; k < 8; k++) {
    float share = 1.f / (1.f + __expf(-g[k])), silu = g[k] * share;
    out[k] = silu * u[k];
    g[k] = d[k] * u[k] * share * (1.f + g[k] * (1.f - share));
    u[k] = d[k] * silu;
  }
  y[i] = packed(out);
  gateUp[at] = packed(g);
  gateUp[at + H8] = packed(u);
}

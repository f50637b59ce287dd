// What collectives do to numbers. bf16 is rounded after every addition, as NCCL does.
#include <cmath>
#include <cstring>

#include "numbers.h"
#include "teams.h"

namespace {
enum Type { f32 = 7, f64 = 8, bf16 = 9 };
enum Operation { sum = 0, maximum = 2 };

template <class Number>
void combine(Number *into, const Number *other, size_t count, int operation) {
  for (size_t i = 0; i < count; i++)
    into[i] = operation == sum ? into[i] + other[i] : std::fmax(into[i], other[i]);
}

void combineRounded(uint16_t *into, const uint16_t *other, size_t count, int operation) {
  for (size_t i = 0; i < count; i++) {
    float a = widened(into[i]), b = widened(other[i]);
    into[i] = narrowed(operation == sum ? a + b : std::fmax(a, b));
  }
}

void combine(char *into, const char *other, size_t count, int type, int operation) {
  auto as = [&](auto number) {
    using Number = decltype(number);
    combine(reinterpret_cast<Number *>(into), reinterpret_cast<const Number *>(other), count,
            operation);
  };
  if (type == f32) return as(0.f);
  if (type == f64) return as(0.);
  combineRounded(reinterpret_cast<uint16_t *>(into), reinterpret_cast<const uint16_t *>(other),
                 count, operation);
}

/// All ranks' numbers together, from the first rank's to the last's.
std::vector<char> combined(const std::vector<Waiting> &calls, size_t count) {
  const Call &first = calls[0].call;
  std::vector<char> result(first.from, first.from + count * elementBytes(first.type));
  for (size_t rank = 1; rank < calls.size(); rank++)
    combine(result.data(), calls[rank].call.from, count, first.type, first.operation);
  return result;
}
}  // namespace

size_t elementBytes(int type) {
  return type == f32 ? 4 : type == f64 ? 8 : type == bf16 ? 2 : 0;
}

size_t bytesRead(const Call &call, int ranks) {
  if (call.kind == Kind::receive) return 0;
  return call.count * elementBytes(call.type) * (call.kind == Kind::reduceScatter ? ranks : 1);
}

size_t bytesWritten(const Call &call, int ranks) {
  if (call.kind == Kind::send) return 0;
  return call.count * elementBytes(call.type) * (call.kind == Kind::allGather ? ranks : 1);
}

void carryOut(const std::vector<Waiting> &calls) {
  const Call &first = calls[0].call;
  size_t ranks = calls.size(), bytes = first.count * elementBytes(first.type);
  std::vector<char> all;
  switch (first.kind) {
    case Kind::allReduce:
      all = combined(calls, first.count);
      for (auto &one : calls) memcpy(one.call.to, all.data(), bytes);
      break;
    case Kind::reduceScatter:
      all = combined(calls, first.count * ranks);
      for (size_t rank = 0; rank < ranks; rank++)
        memcpy(calls[rank].call.to, all.data() + rank * bytes, bytes);
      break;
    case Kind::allGather:
      for (auto &one : calls) all.insert(all.end(), one.call.from, one.call.from + bytes);
      for (auto &one : calls) memcpy(one.call.to, all.data(), all.size());
      break;
    case Kind::broadcast:
      all.assign(calls[first.peer].call.from, calls[first.peer].call.from + bytes);
      for (auto &one : calls) memcpy(one.call.to, all.data(), bytes);
      break;
    case Kind::send: case Kind::receive: break;
  }
}

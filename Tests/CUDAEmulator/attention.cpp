// cuDNN's graphs, operation by operation: every tensor is stored, every operation is a loop.
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "include/CUDAEmulator.h"
#include "numbers.h"
#include "runtime.h"

namespace {
struct Attributes {
  int type;
  bool isFinal = false;
  /// Until the caller destroys it.
  std::shared_ptr<Attributes> self;
  /// What it was made of: it outlives the caller's handles, as long as work needs it.
  std::vector<std::shared_ptr<Attributes>> parts;
  std::map<int, std::vector<char>> values;

  template <class Value>
  Value one(int attribute) const {
    Value value{};
    auto found = values.find(attribute);
    if (found != values.end()) memcpy(&value, found->second.data(), sizeof(Value));
    return value;
  }
  template <class Value>
  std::vector<Value> all(int attribute) const {
    auto found = values.find(attribute);
    if (found == values.end()) return {};
    std::vector<Value> result(found->second.size() / sizeof(Value));
    memcpy(result.data(), found->second.data(), result.size() * sizeof(Value));
    return result;
  }
  const Attributes &other(int attribute) const { return *one<Attributes *>(attribute); }
};

using Shape = std::vector<int64_t>;
constexpr int f32 = 0, bf16 = 9;

/// A tensor during a run: values by index, and where they lie if the caller bound them.
struct Values {
  Shape sizes, strides;
  int type;
  bool isVirtual, isConstant;
  char *bound = nullptr;
  std::vector<float> own;  // row-major, for virtual tensors; a constant's one

  int64_t count() const { return sizes[0] * sizes[1] * sizes[2] * sizes[3]; }
  int64_t flat(const int64_t i[4]) const {
    return ((i[0] * sizes[1] + i[1]) * sizes[2] + i[2]) * sizes[3] + i[3];
  }
  int64_t place(const int64_t i[4]) const {
    return i[0] * strides[0] + i[1] * strides[1] + i[2] * strides[2] + i[3] * strides[3];
  }
  float get(const int64_t i[4]) const {
    if (isConstant) return own[0];
    if (isVirtual) return own[flat(i)];
    return type == f32 ? reinterpret_cast<float *>(bound)[place(i)]
                       : widened(reinterpret_cast<uint16_t *>(bound)[place(i)]);
  }
  void put(const int64_t i[4], float value) {
    if (isVirtual)
      own[flat(i)] = type == bf16 ? widened(narrowed(value)) : value;
    else if (type == f32)
      reinterpret_cast<float *>(bound)[place(i)] = value;
    else
      reinterpret_cast<uint16_t *>(bound)[place(i)] = narrowed(value);
  }
  /// Size 1 stands for every index.
  float spread(const int64_t i[4]) const {
    int64_t j[4];
    for (int k = 0; k < 4; k++) j[k] = sizes[k] == 1 ? 0 : i[k];
    return get(j);
  }
};

void each(const Shape &sizes, const std::function<void(const int64_t *)> &body) {
  int64_t i[4];
  for (i[0] = 0; i[0] < sizes[0]; i[0]++)
    for (i[1] = 0; i[1] < sizes[1]; i[1]++)
      for (i[2] = 0; i[2] < sizes[2]; i[2]++)
        for (i[3] = 0; i[3] < sizes[3]; i[3]++) body(i);
}

struct Run {
  std::map<int64_t, char *> bound;
  std::map<int64_t, float> constants;
  std::map<int64_t, Values> tensors;

  Values &values(const Attributes &tensor) {
    int64_t uid = tensor.one<int64_t>(906);
    auto found = tensors.find(uid);
    if (found != tensors.end()) return found->second;
    Values made;
    made.sizes = tensor.all<int64_t>(902);
    made.strides = tensor.all<int64_t>(903);
    made.type = tensor.one<int>(901);
    made.isVirtual = tensor.one<char>(907);
    made.isConstant = tensor.one<char>(908);
    if (made.isVirtual)
      made.own.assign(made.count(), NAN);
    else if (made.isConstant)
      made.own = {constants.at(uid)};
    else
      made.bound = bound.at(uid);
    return tensors[uid] = made;
  }

  void multiply(const Attributes &operation) {
    Values &a = values(operation.other(1520)), &b = values(operation.other(1521));
    Values &c = values(operation.other(1522));
    int64_t depth = a.sizes[3], groupA = c.sizes[1] / a.sizes[1], groupB = c.sizes[1] / b.sizes[1];
    each(c.sizes, [&](const int64_t *i) {
      float sum = 0;
      for (int64_t k = 0; k < depth; k++) {
        int64_t left[4] = {i[0], i[1] / groupA, i[2], k}, right[4] = {i[0], i[1] / groupB, k, i[3]};
        sum += a.get(left) * b.get(right);
      }
      c.put(i, sum);
    });
  }

  void pointwise(const Attributes &operation) {
    const Attributes &what = operation.other(750);
    int mode = what.one<int>(0);
    int64_t axis = what.one<int64_t>(9);
    Values &x = values(operation.other(751)), &y = values(operation.other(753));
    Values *b = operation.values.count(752) ? &values(operation.other(752)) : nullptr;
    Values *t = operation.values.count(758) ? &values(operation.other(758)) : nullptr;
    each(y.sizes, [&](const int64_t *i) {
      float v = mode == 501 ? float(i[axis]) : x.spread(i), w = b ? b->spread(i) : 0;
      switch (mode) {
        case 0: v += w; break;
        case 1: v *= w; break;
        case 6: v /= w; break;
        case 9: v -= w; break;
        case 13: v = expf(v); break;
        case 15: v = logf(v); break;
        case 303: v = v >= w; break;
        case 601: v = t->spread(i) != 0 ? v : w; break;
        default: break;  // 21 identity, 501 index
      }
      y.put(i, v);
    });
  }

  void reduce(const Attributes &operation) {
    Values &x = values(operation.other(1610)), &y = values(operation.other(1611));
    bool isMaximum = operation.other(1612).one<int>(1600) == 3;
    int64_t ratio[4];
    for (int k = 0; k < 4; k++) ratio[k] = x.sizes[k] / y.sizes[k];
    each(y.sizes, [&](const int64_t *i) {
      float result = isMaximum ? -INFINITY : 0;
      each({ratio[0], ratio[1], ratio[2], ratio[3]}, [&](const int64_t *j) {
        int64_t at[4];
        for (int k = 0; k < 4; k++) at[k] = i[k] * ratio[k] + j[k];
        result = isMaximum ? fmaxf(result, x.get(at)) : result + x.get(at);
      });
      y.put(i, result);
    });
  }

  /// The graphs of attention use reshape to turn the last two axes.
  void reshape(const Attributes &operation) {
    Values &x = values(operation.other(2200)), &y = values(operation.other(2201));
    each(y.sizes, [&](const int64_t *i) {
      int64_t turned[4] = {i[0], i[1], i[3], i[2]};
      y.put(i, x.get(turned));
    });
  }

  void operator()(const std::vector<Attributes *> &operations) {
    for (auto operation : operations) switch (operation->type) {
        case 19: multiply(*operation); break;
        case 13: pointwise(*operation); break;
        case 22: reduce(*operation); break;
        case 31: reshape(*operation); break;
        default: abort();
      }
  }
};

struct Handle {
  Device *device;
  void *stream;
};

constexpr int descriptor = 15;

size_t sizeOf(int type) {
  switch (type) {
    case 2: case 24: return 1;
    case 1: case 8: case 14: case 18: return 4;
    default: return 8;
  }
}

int set(void *handle, int attribute, int type, int64_t count, const void *values) {
  auto &made = *static_cast<Attributes *>(handle);
  if (made.isFinal) return 2000;
  if (type == descriptor)
    for (int64_t i = 0; i < count; i++)
      made.parts.push_back(static_cast<Attributes *const *>(values)[i]->self);
  auto bytes = static_cast<const char *>(values);
  made.values[attribute].assign(bytes, bytes + count * sizeOf(type));
  return 0;
}

int get(void *handle, int attribute, int, int64_t room, int64_t *count, void *values) {
  auto &made = *static_cast<Attributes *>(handle);
  if (attribute == 402) return *static_cast<int64_t *>(values) = 0, *count = 1, 0;
  if (attribute != 202) return 2000;
  *count = 1;
  if (room == 0) return 0;
  auto configuration = static_cast<Attributes **>(values)[0];
  configuration->values[201] = made.values[201];
  configuration->parts = made.parts;
  configuration->isFinal = true;
  return 0;
}

int execute(void *handle, void *plan, void *pack) {
  auto &caller = *static_cast<Handle *>(handle);
  auto kept = static_cast<Attributes *>(plan)->self;
  auto &graph = kept->other(401).other(201);
  auto uids = static_cast<Attributes *>(pack)->all<int64_t>(1000);
  auto pointers = static_cast<Attributes *>(pack)->all<char *>(1001);
  if (uids.size() != pointers.size() || caller.device != current) return 2000;
  Run run;
  std::set<int64_t> constants;
  for (auto operation : graph.all<Attributes *>(801))
    for (auto &part : operation->parts)
      if (part->one<char>(908)) constants.insert(part->one<int64_t>(906));
  std::vector<const void *> touched;  // not the workspace, which has no bytes here
  for (size_t i = 0; i < uids.size(); i++) {
    // A constant lies with the caller, who may change it after the call.
    bool isConstant = constants.count(uids[i]);
    if (isConstant) run.constants[uids[i]] = *reinterpret_cast<float *>(pointers[i]);
    if (!isConstant) touched.push_back(run.bound[uids[i]] = pointers[i]);
  }
  auto operations = graph.all<Attributes *>(801);
  auto work = [run, operations, kept] {
    Run own = run;
    own(operations);
  };
  return perform(caller.stream, touched, work) ? 5000 : 0;
}
}  // namespace

void emulateAttention(quipu_attention *table) {
  table->version = []() -> size_t { return 91900; };
  table->error_text = [](int) { return "an emulated error"; };
  table->last_error = [](char *text, size_t size) { snprintf(text, size, "an emulated error"); };
  table->create = [](void **handle) {
    if (standing()) return 1001;
    return *handle = new Handle{current, nullptr}, 0;
  };
  table->destroy = [](void *handle) { return delete static_cast<Handle *>(handle), 0; };
  table->set_stream = [](void *handle, void *stream) {
    return static_cast<Handle *>(handle)->stream = stream, 0;
  };
  table->create_descriptor = [](int type, void **descriptor) {
    auto made = std::make_shared<Attributes>();
    made->type = type;
    made->self = made;
    return *descriptor = made.get(), 0;
  };
  table->destroy_descriptor = [](void *descriptor) {
    auto kept = std::move(static_cast<Attributes *>(descriptor)->self);
    return 0;
  };
  table->set = set;
  table->get = get;
  table->finalise = [](void *descriptor) {
    return static_cast<Attributes *>(descriptor)->isFinal = true, 0;
  };
  table->execute = execute;
}

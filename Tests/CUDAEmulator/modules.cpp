// The compiler, whose images are ELF's first bytes and a file's name; modules and launches.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device.h"
#include "fibers.h"
#include "include/CUDAEmulator.h"
#include "kernels.h"
#include "runtime.h"

namespace {
struct Program {
  char name[64];
};

struct Function {
  Bind bind;
  Device *device;
};
struct Module {
  Device *device;
  std::deque<Function> functions;
};
}  // namespace

int loadModule(void **module, const void *image) {
  if (int code = standing()) return code;
  Held held(lock);
  if (int code = refuseWhileCapturing()) return code;
  if (memcmp(image, "\177ELF", 4) != 0) return 200;
  *module = new Module{current, {}};
  return success;
}

int unloadModule(void *module) {
  if (int code = standing()) return code;
  delete static_cast<Module *>(module);
  return success;
}

int findFunction(void **function, void *handle, const char *name) {
  auto &module = *static_cast<Module *>(handle);
  Bind bind = kernelNamed(name);
  if (!bind) return notFound;
  module.functions.push_back({bind, module.device});
  *function = &module.functions.back();
  return success;
}

int launchKernel(void *handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                 unsigned bz, unsigned, void *stream, void **arguments, void **) {
  if (int code = standing()) return code;
  auto &function = *static_cast<Function *>(handle);
  if (function.device != current) return invalidHandle;
  if (gz != 1 || by != 1 || bz != 1 || bx == 0 || bx > 1024 || gx == 0 || gy == 0 || gy > 65535)
    return invalidValue;
  KernelCall call = function.bind(arguments);
  return perform(stream, call.pointers, [=, body = call.body] {
    gridDim = {gx, gy, 1};
    blockDim = {bx, 1, 1};
    for (unsigned y = 0; y < gy; y++)
      for (unsigned x = 0; x < gx; x++) {
        blockIdx = {x, y, 0};
        runBlock(bx, body);
      }
  });
}

void emulateCompiler(quipu_compiler *compiler) {
  compiler->version = [](int *major, int *minor) { return *major = 13, *minor = 0, 0; };
  compiler->error_text = [](int) { return "an emulated error"; };
  compiler->create = [](void **program, const char *, const char *name, int, const char *const *,
                        const char *const *) {
    auto made = new Program;
    snprintf(made->name, sizeof made->name, "\177ELF%s", name);
    *program = made;
    return 0;
  };
  compiler->destroy = [](void **program) { return delete static_cast<Program *>(*program), 0; };
  compiler->compile = [](void *, int, const char *const *) { return 0; };
  compiler->log_size = [](void *, size_t *size) { return *size = 0, 0; };
  compiler->log = [](void *, char *) { return 0; };
  compiler->image_size = [](void *, size_t *size) { return *size = sizeof(Program), 0; };
  compiler->image = [](void *program, char *image) {
    memcpy(image, program, sizeof(Program));
    return 0;
  };
}

#pragma once
#include <functional>
#include <vector>

/// A call of a kernel for one thread, and the pointers among its arguments.
struct KernelCall {
  std::function<void()> body;
  std::vector<const void *> pointers;
};

/// Copies a kernel's arguments.
using Bind = KernelCall (*)(void **arguments);
/// Finds a kernel; null where there is none of that name.
Bind kernelNamed(const char *name);

int loadModule(void **module, const void *image);
int unloadModule(void *module);
int findFunction(void **function, void *module, const char *name);
int launchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                 unsigned bz, unsigned shared_bytes, void *stream, void **arguments, void **extra);

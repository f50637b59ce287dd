#pragma once
#include <functional>

using Grid = void (*)(void **arguments, std::function<void()> &call);

/// Finds a kernel; `bind` copies its arguments and gives a call of it for one thread.
using Bind = std::function<void()> (*)(void **arguments);
Bind kernelNamed(const char *name);

#pragma once
#include <functional>

/// Runs a block: `work` in every thread, with `threadIdx` set.
void runBlock(unsigned threads, const std::function<void()> &work);

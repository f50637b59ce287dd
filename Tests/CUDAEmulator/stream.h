#pragma once
#include <functional>
#include <vector>

/// Work that was recorded instead of being done.
struct Recording {
  std::vector<std::function<void()>> work;
};

/// Does the work now, or records it where a stream is being recorded.
void perform(std::function<void()> work);

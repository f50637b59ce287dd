#pragma once
#include <stddef.h>

/// The run-time compiler, `libnvrtc.so`: CUDA text to machine code.
typedef struct quipu_compiler {
  int (*version)(int *major, int *minor);
  const char *(*error_text)(int code);
  int (*create)(void **program, const char *text, const char *name, int headers,
                const char *const *header_texts, const char *const *header_names);
  int (*destroy)(void **program);
  int (*compile)(void *program, int options, const char *const *option);
  int (*log_size)(void *program, size_t *size);
  int (*log)(void *program, char *text);
  int (*image_size)(void *program, size_t *size);
  int (*image)(void *program, char *image);
} quipu_compiler;

#pragma once
#include <stddef.h>
#include <stdint.h>

/// The graphs of cuDNN, `libcudnn.so.9`: descriptors with numbered attributes.
typedef struct quipu_attention {
  size_t (*version)(void);
  const char *(*error_text)(int code);
  void (*last_error)(char *text, size_t size);
  int (*create)(void **handle);
  int (*destroy)(void *handle);
  int (*set_stream)(void *handle, void *stream);
  int (*create_descriptor)(int type, void **descriptor);
  int (*destroy_descriptor)(void *descriptor);
  int (*set)(void *descriptor, int attribute, int type, int64_t count, const void *values);
  int (*get)(void *descriptor, int attribute, int type, int64_t room, int64_t *count, void *values);
  int (*finalise)(void *descriptor);
  int (*execute)(void *handle, void *plan, void *pack);
} quipu_attention;

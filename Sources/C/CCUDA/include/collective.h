#pragma once
#include <stddef.h>

/// What ranks share to find one another.
typedef struct quipu_group_id {
  char bytes[128];
} quipu_group_id;

/// Collectives between GPUs, `libnccl.so.2`.
typedef struct quipu_collective {
  int (*version)(int *version);
  const char *(*error_text)(int code);
  int (*create_id)(quipu_group_id *id);
  int (*join)(void **group, int ranks, quipu_group_id id, int rank);
  int (*leave)(void *group);
  int (*all_reduce)(const void *from, void *to, size_t count, int type, int operation, void *group,
                    void *stream);
} quipu_collective;

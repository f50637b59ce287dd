#pragma once
#include <stddef.h>

/// What ranks share to find one another.
typedef struct quipu_group_id {
  char bytes[128];
} quipu_group_id;

/// Collectives between GPUs, `libnccl.so.2`. Counts are of elements; those of `reduce_scatter` and
/// `all_gather` are of one rank's share.
typedef struct quipu_collective {
  int (*version)(int *version);
  const char *(*error_text)(int code);
  int (*create_id)(quipu_group_id *id);
  int (*join)(void **group, int ranks, quipu_group_id id, int rank);
  int (*split)(void *group, int color, int key, void **part, void *settings);
  int (*leave)(void *group);
  int (*abort)(void *group);
  int (*async_error)(void *group, int *code);
  int (*group_start)(void);
  int (*group_end)(void);
  int (*all_reduce)(const void *from, void *to, size_t count, int type, int operation, void *group,
                    void *stream);
  int (*reduce_scatter)(const void *from, void *to, size_t count, int type, int operation,
                        void *group, void *stream);
  int (*all_gather)(const void *from, void *to, size_t count, int type, void *group, void *stream);
  int (*broadcast)(const void *from, void *to, size_t count, int type, int root, void *group,
                   void *stream);
  int (*send)(const void *from, size_t count, int type, int peer, void *group, void *stream);
  int (*receive)(void *to, size_t count, int type, int peer, void *group, void *stream);
} quipu_collective;

#pragma once
#include <stddef.h>
#include <stdint.h>

/// An address in the device's memory.
typedef uint64_t quipu_address;

/// The driver, `libcuda.so.1`: contexts, memory, streams, events, modules, graphs.
///
/// Names without the suffix of a version (`_v2`) stand for the version that `tables.c` asks for.
typedef struct quipu_driver {
  int (*initialise)(unsigned flags);
  int (*version)(int *version);
  int (*error_text)(int code, const char **text);

  int (*device_count)(int *count);
  int (*device)(int *device, int ordinal);
  int (*device_name)(char *name, int length, int device);
  int (*device_attribute)(int *value, int attribute, int device);
  int (*device_memory)(size_t *bytes, int device);
  int (*retain_context)(void **context, int device);
  int (*set_context)(void *context);
  int (*release_context)(int device);

  int (*allocate)(quipu_address *address, size_t bytes);
  int (*free)(quipu_address address);
  int (*allocate_pinned)(void **start, size_t bytes, unsigned flags);
  int (*free_pinned)(void *start);
  int (*memory_info)(size_t *free, size_t *total);
  int (*copy_to_device)(quipu_address to, const void *from, size_t bytes, void *stream);
  int (*copy_to_host)(void *to, quipu_address from, size_t bytes, void *stream);
  int (*copy)(quipu_address to, quipu_address from, size_t bytes, void *stream);
  int (*fill)(quipu_address to, unsigned char value, size_t bytes, void *stream);

  int (*create_stream)(void **stream, unsigned flags);
  int (*destroy_stream)(void *stream);
  int (*synchronise)(void *stream);
  int (*query)(void *stream);
  int (*wait_for)(void *stream, void *event, unsigned flags);
  int (*create_event)(void **event, unsigned flags);
  int (*destroy_event)(void *event);
  int (*record)(void *event, void *stream);
  int (*synchronise_event)(void *event);
  int (*elapsed)(float *milliseconds, void *from, void *to);

  int (*load_module)(void **module, const void *image);
  int (*unload_module)(void *module);
  int (*function)(void **function, void *module, const char *name);
  int (*launch)(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                unsigned bz, unsigned shared_bytes, void *stream, void **arguments, void **extra);

  int (*begin_capture)(void *stream, int mode);
  int (*end_capture)(void *stream, void **graph);
  int (*instantiate)(void **executable, void *graph, uint64_t flags);
  int (*launch_graph)(void *executable, void *stream);
  int (*destroy_executable)(void *executable);
  int (*destroy_graph)(void *graph);
} quipu_driver;

// The driver's table: devices, contexts, and what other files have.
#include <cstdio>
#include <cstring>

#include "capture.h"
#include "kernels.h"
#include "memory.h"
#include "streams.h"

namespace {
int setContext(void *context) {
  if (context && (context < devices || context >= devices + deviceCount)) return invalidContext;
  current = static_cast<Device *>(context);
  return success;
}

int retainContext(void **context, int device) {
  if (device < 0 || device >= deviceCount) return 101;
  Held held(lock);
  devices[device].retained++;
  *context = &devices[device];
  return success;
}

/// The last release ends the context, and with it what broke it.
int releaseContext(int device) {
  if (device < 0 || device >= deviceCount) return 101;
  Held held(lock);
  if (--devices[device].retained > 0) return success;
  drain(devices[device], held);
  forgetMemory(devices[device]);
  devices[device].error = success;
  return success;
}

int attribute(int *value, int attribute, int) {
  *value = attribute == 75 ? 9 : attribute == 16 ? 132 : 0;
  return success;
}

int name(char *name, int length, int device) {
  snprintf(name, length, "emulated device %d", device);
  return success;
}
}  // namespace

void emulateCompiler(quipu_compiler *table);
void emulateProducts(quipu_product *table);
void emulateAttention(quipu_attention *table);
void emulateCollectives(quipu_collective *table);

void quipu_emulate(quipu_driver *driver, quipu_compiler *compiler, quipu_product *product,
                   quipu_attention *attention, quipu_collective *collective) {
  driver->initialise = [](unsigned) -> int { return success; };
  driver->version = [](int *version) { return *version = 13000, 0; };
  driver->error_text = [](int, const char **text) { return *text = "an emulated error", 0; };
  driver->device_count = [](int *count) { return *count = deviceCount, 0; };
  driver->device = [](int *device, int ordinal) { return *device = ordinal, 0; };
  driver->device_name = name;
  driver->device_attribute = attribute;
  driver->device_memory = [](size_t *bytes, int) { return *bytes = deviceBytes, 0; };
  driver->retain_context = retainContext;
  driver->set_context = setContext;
  driver->release_context = releaseContext;
  driver->allocate = allocateMemory;
  driver->free = freeMemory;
  driver->allocate_pinned = allocatePinned;
  driver->free_pinned = freePinned;
  driver->memory_info = memoryInfo;
  driver->copy_to_device = copyToDevice;
  driver->copy_to_host = copyToHost;
  driver->copy = copyOnDevice;
  driver->fill = fillMemory;
  driver->create_stream = createStream;
  driver->destroy_stream = destroyStream;
  driver->synchronise = synchroniseStream;
  driver->query = queryStream;
  driver->wait_for = waitForEvent;
  driver->create_event = createEvent;
  driver->destroy_event = destroyEvent;
  driver->record = recordEvent;
  driver->synchronise_event = synchroniseEvent;
  driver->elapsed = elapsedTime;
  driver->load_module = loadModule;
  driver->unload_module = unloadModule;
  driver->function = findFunction;
  driver->launch = launchKernel;
  driver->begin_capture = beginCapture;
  driver->end_capture = endCapture;
  driver->instantiate = instantiate;
  driver->launch_graph = launchGraph;
  driver->destroy_executable = destroyExecutable;
  driver->destroy_graph = destroyGraph;
  emulateCompiler(compiler);
  emulateProducts(product);
  emulateAttention(attention);
  emulateCollectives(collective);
}

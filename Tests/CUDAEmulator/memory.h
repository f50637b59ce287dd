#pragma once
#include "include/CUDAEmulator.h"

struct Device;
/// Frees all that is left on a device. Under the lock.
void forgetMemory(Device &device);

int allocateMemory(quipu_address *address, size_t bytes);
int freeMemory(quipu_address address);
int allocatePinned(void **start, size_t bytes, unsigned flags);
int freePinned(void *start);
int memoryInfo(size_t *free, size_t *total);
int copyToDevice(quipu_address to, const void *from, size_t bytes, void *stream);
int copyToHost(void *to, quipu_address from, size_t bytes, void *stream);
int copyOnDevice(quipu_address to, quipu_address from, size_t bytes, void *stream);
int fillMemory(quipu_address to, unsigned char value, size_t bytes, void *stream);

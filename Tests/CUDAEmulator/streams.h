#pragma once
#include "include/CUDAEmulator.h"
#include "runtime.h"

/// Puts work behind that of a stream that is not recorded. Under the lock.
void give(Stream &stream, Work work);

int createStream(void **stream, unsigned flags);
int destroyStream(void *stream);
int synchroniseStream(void *stream);
int queryStream(void *stream);

int createEvent(void **event, unsigned flags);
int destroyEvent(void *event);
int recordEvent(void *event, void *stream);
int waitForEvent(void *stream, void *event, unsigned flags);
int synchroniseEvent(void *event);
int elapsedTime(float *milliseconds, void *from, void *to);

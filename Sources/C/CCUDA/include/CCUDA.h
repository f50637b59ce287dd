#pragma once
// What Quipu calls of NVIDIA's libraries, as tables of functions that are filled at run time.
//
// Nothing here comes from NVIDIA's headers: names and numbers are the public interface, structs are
// mirrors whose sizes `mirrors.c` asserts. A function that a library lacks is a null pointer.
#include <stddef.h>
#include <stdint.h>

#include "attention.h"
#include "collective.h"
#include "compiler.h"
#include "driver.h"
#include "product.h"

/// Fills a table from a library that `dlopen` gave, and gives how many of its functions are missing.
long quipu_fill_driver(void *library, quipu_driver *table);
long quipu_fill_compiler(void *library, quipu_compiler *table);
long quipu_fill_product(void *library, quipu_product *table);
long quipu_fill_attention(void *library, quipu_attention *table);
long quipu_fill_collective(void *library, quipu_collective *table);

/// The CUDA text of kernel file `number`, and its name; null behind the last.
const char *quipu_kernel_text(long number, const char **name);

#include "include/CCUDA.h"

// Of C23, which Swift's compiler has in every standard.
#pragma clang diagnostic ignored "-Wc23-extensions"

// Each kernel file is compiled with `common.cuh` before it: one text, no include at run time.
static const char norm[] = {
#embed "kernels/common.cuh"
    ,
#embed "kernels/norm.cu"
    , 0};
static const char pointwise[] = {
#embed "kernels/common.cuh"
    ,
#embed "kernels/pointwise.cu"
    , 0};
static const char embedding[] = {
#embed "kernels/common.cuh"
    ,
#embed "kernels/embedding.cu"
    , 0};
static const char loss[] = {
#embed "kernels/common.cuh"
    ,
#embed "kernels/loss.cu"
    , 0};
static const char flat[] = {
#embed "kernels/common.cuh"
    ,
#embed "kernels/flat.cu"
    , 0};
static const char softmax[] = {
#embed "kernels/common.cuh"
    ,
#embed "kernels/softmax.cu"
    , 0};

static const struct {
  const char *name, *text;
} files[] = {
    {"norm.cu", norm}, {"pointwise.cu", pointwise}, {"embedding.cu", embedding},
    {"loss.cu", loss}, {"flat.cu", flat},           {"softmax.cu", softmax},
};

const char *quipu_kernel_text(long number, const char **name) {
  if (number < 0 || number >= (long)(sizeof files / sizeof *files)) return NULL;
  *name = files[number].name;
  return files[number].text;
}

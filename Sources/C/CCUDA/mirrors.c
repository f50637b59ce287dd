#include "include/CCUDA.h"

// The sizes that NVIDIA's libraries have for what they pass through memory.
_Static_assert(sizeof(void *) == 8, "handles are pointers of 64 bits");
_Static_assert(sizeof(size_t) == 8, "sizes have 64 bits");
_Static_assert(sizeof(quipu_address) == 8, "CUdeviceptr has 64 bits");
_Static_assert(sizeof(quipu_algorithm) == 64, "cublasLtMatmulAlgo_t is 8 words");
_Static_assert(sizeof(quipu_proposal) == 96, "cublasLtMatmulHeuristicResult_t is 96 bytes");
_Static_assert(offsetof(quipu_proposal, workspace) == 64, "the workspace follows the algorithm");
_Static_assert(offsetof(quipu_proposal, waves) == 76, "the waves follow the status");
_Static_assert(sizeof(quipu_group_id) == 128, "ncclUniqueId is 128 bytes");

#include <dlfcn.h>

#include "include/CCUDA.h"

// A row is a field of the table and the library's name of the function.
#define ROW(field, name)                              \
  *(void **)&table->field = dlsym(library, name);     \
  missing += table->field == NULL;

long quipu_fill_driver(void *library, quipu_driver *table) {
  long missing = 0;
  ROW(initialise, "cuInit")
  ROW(version, "cuDriverGetVersion")
  ROW(error_text, "cuGetErrorString")
  ROW(device_count, "cuDeviceGetCount")
  ROW(device, "cuDeviceGet")
  ROW(device_name, "cuDeviceGetName")
  ROW(device_attribute, "cuDeviceGetAttribute")
  ROW(device_memory, "cuDeviceTotalMem_v2")
  ROW(retain_context, "cuDevicePrimaryCtxRetain")
  ROW(set_context, "cuCtxSetCurrent")
  ROW(release_context, "cuDevicePrimaryCtxRelease_v2")
  ROW(allocate, "cuMemAlloc_v2")
  ROW(free, "cuMemFree_v2")
  ROW(allocate_pinned, "cuMemHostAlloc")
  ROW(free_pinned, "cuMemFreeHost")
  ROW(memory_info, "cuMemGetInfo_v2")
  ROW(copy_to_device, "cuMemcpyHtoDAsync_v2")
  ROW(copy_to_host, "cuMemcpyDtoHAsync_v2")
  ROW(copy, "cuMemcpyDtoDAsync_v2")
  ROW(fill, "cuMemsetD8Async")
  ROW(create_stream, "cuStreamCreate")
  ROW(destroy_stream, "cuStreamDestroy_v2")
  ROW(synchronise, "cuStreamSynchronize")
  ROW(query, "cuStreamQuery")
  ROW(wait_for, "cuStreamWaitEvent")
  ROW(create_event, "cuEventCreate")
  ROW(destroy_event, "cuEventDestroy_v2")
  ROW(record, "cuEventRecord")
  ROW(synchronise_event, "cuEventSynchronize")
  ROW(elapsed, "cuEventElapsedTime")
  ROW(load_module, "cuModuleLoadData")
  ROW(unload_module, "cuModuleUnload")
  ROW(function, "cuModuleGetFunction")
  ROW(launch, "cuLaunchKernel")
  ROW(begin_capture, "cuStreamBeginCapture_v2")
  ROW(end_capture, "cuStreamEndCapture")
  ROW(instantiate, "cuGraphInstantiateWithFlags")
  ROW(launch_graph, "cuGraphLaunch")
  ROW(destroy_executable, "cuGraphExecDestroy")
  ROW(destroy_graph, "cuGraphDestroy")
  return missing;
}

long quipu_fill_compiler(void *library, quipu_compiler *table) {
  long missing = 0;
  ROW(version, "nvrtcVersion")
  ROW(error_text, "nvrtcGetErrorString")
  ROW(create, "nvrtcCreateProgram")
  ROW(destroy, "nvrtcDestroyProgram")
  ROW(compile, "nvrtcCompileProgram")
  ROW(log_size, "nvrtcGetProgramLogSize")
  ROW(log, "nvrtcGetProgramLog")
  ROW(image_size, "nvrtcGetCUBINSize")
  ROW(image, "nvrtcGetCUBIN")
  return missing;
}

long quipu_fill_product(void *library, quipu_product *table) {
  long missing = 0;
  ROW(create, "cublasLtCreate")
  ROW(destroy, "cublasLtDestroy")
  ROW(version, "cublasLtGetVersion")
  ROW(create_operation, "cublasLtMatmulDescCreate")
  ROW(destroy_operation, "cublasLtMatmulDescDestroy")
  ROW(set_operation, "cublasLtMatmulDescSetAttribute")
  ROW(create_layout, "cublasLtMatrixLayoutCreate")
  ROW(destroy_layout, "cublasLtMatrixLayoutDestroy")
  ROW(set_layout, "cublasLtMatrixLayoutSetAttribute")
  ROW(create_preference, "cublasLtMatmulPreferenceCreate")
  ROW(destroy_preference, "cublasLtMatmulPreferenceDestroy")
  ROW(set_preference, "cublasLtMatmulPreferenceSetAttribute")
  ROW(propose, "cublasLtMatmulAlgoGetHeuristic")
  ROW(multiply, "cublasLtMatmul")
  return missing;
}

long quipu_fill_attention(void *library, quipu_attention *table) {
  long missing = 0;
  ROW(version, "cudnnGetVersion")
  ROW(error_text, "cudnnGetErrorString")
  ROW(last_error, "cudnnGetLastErrorString")
  ROW(create, "cudnnCreate")
  ROW(destroy, "cudnnDestroy")
  ROW(set_stream, "cudnnSetStream")
  ROW(create_descriptor, "cudnnBackendCreateDescriptor")
  ROW(destroy_descriptor, "cudnnBackendDestroyDescriptor")
  ROW(set, "cudnnBackendSetAttribute")
  ROW(get, "cudnnBackendGetAttribute")
  ROW(finalise, "cudnnBackendFinalize")
  ROW(execute, "cudnnBackendExecute")
  return missing;
}

long quipu_fill_collective(void *library, quipu_collective *table) {
  long missing = 0;
  ROW(version, "ncclGetVersion")
  ROW(error_text, "ncclGetErrorString")
  ROW(create_id, "ncclGetUniqueId")
  ROW(join, "ncclCommInitRank")
  ROW(split, "ncclCommSplit")
  ROW(leave, "ncclCommDestroy")
  ROW(abort, "ncclCommAbort")
  ROW(async_error, "ncclCommGetAsyncError")
  ROW(group_start, "ncclGroupStart")
  ROW(group_end, "ncclGroupEnd")
  ROW(all_reduce, "ncclAllReduce")
  ROW(reduce_scatter, "ncclReduceScatter")
  ROW(all_gather, "ncclAllGather")
  ROW(broadcast, "ncclBroadcast")
  ROW(send, "ncclSend")
  ROW(receive, "ncclRecv")
  return missing;
}

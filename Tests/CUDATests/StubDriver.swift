import Foundation
import Glibc
import TestSupport
import Testing

/// A driver without a device, which cuDNN wants to see before it plans for a device that is described.
///
/// Its functions answer that all is well or that there is no device. Built here by the C compiler, and
/// only where there is no real driver.
enum StubDriver {
  static let hint: Comment = "needs cuDNN (QUIPU_CUDA_LIBRARIES), a C compiler and no driver"

  /// True once cuDNN, asking for the driver by its name, gets this one.
  static let isHere: Bool = {
    guard Libraries.hasAttention, !Libraries.hasDriver, let folder = try? TemporaryFolder(),
      let source = try? folder.write(text, to: "driver.c")
    else { return false }
    let library = "\(folder.path)/libcuda.so.1"
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-w", "-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", source, "-o", library,
    ]
    guard (try? compiler.run()) != nil else { return false }
    compiler.waitUntilExit()
    return unsafe compiler.terminationStatus == 0 && dlopen(library, RTLD_NOW | RTLD_GLOBAL) != nil
  }()

  private static let text =
    working + absent.split { $0 == " " || $0 == "\n" }.map { "int \($0)(){return 100;}\n" }.joined()

  private static let working = """
    static long made;
    int cuInit(unsigned flags){return 0;}
    int cuDriverGetVersion(int*v){*v=13000;return 0;}
    int cuLibraryLoadData(void**l){*l=(void*)++made;return 0;}
    int cuLibraryUnload(void*l){return 0;}
    int cuLibraryGetKernel(void**k){*k=(void*)16;return 0;}
    int cuLibraryGetModule(void**m){*m=(void*)16;return 0;}
    int cuKernelGetFunction(void**f){*f=(void*)16;return 0;}
    int cuKernelSetAttribute(){return 0;}
    int cuFuncSetAttribute(){return 0;}
    int cuFuncLoad(){return 0;}
    int cuModuleGetFunction(void**f){*f=(void*)16;return 0;}
    int cuModuleUnload(void*m){return 0;}

    """

  /// What cuDNN 9.19 looks for besides, and does not need to plan.
  private static let absent = """
    cuCtxGetCurrent cuCtxGetDevice cuCtxGetLimit cuCtxPopCurrent cuCtxPushCurrent
    cuCtxSetCurrent cuDeviceGet cuDeviceGetAttribute cuDeviceGetCount cuDeviceGetName
    cuDevicePrimaryCtxRelease cuDevicePrimaryCtxRelease_v2 cuDevicePrimaryCtxReset
    cuDevicePrimaryCtxRetain cuDeviceTotalMem_v2 cuEventCreate cuEventDestroy_v2
    cuEventElapsedTime cuEventRecord cuEventSynchronize cuFuncGetAttribute cuGetErrorName
    cuGetErrorString cuGetExportTable cuGetProcAddress cuGetProcAddress_v2 cuGraphDestroy
    cuGraphExecDestroy cuGraphInstantiateWithFlags cuGraphLaunch cuKernelGetAttribute
    cuLaunchCooperativeKernel cuLaunchKernel cuLaunchKernelEx cuLibraryLoadFromFile
    cuLinkAddData cuLinkAddData_v2 cuLinkAddFile_v2 cuLinkComplete cuLinkCreate
    cuLinkCreate_v2 cuLinkDestroy cuMemAlloc_v2 cuMemFreeHost cuMemFree_v2 cuMemGetInfo_v2
    cuMemHostAlloc cuMemcpyDtoDAsync_v2 cuMemcpyDtoHAsync_v2 cuMemcpyDtoH_v2
    cuMemcpyHtoDAsync_v2 cuMemsetD8Async cuModuleGetGlobal_v2 cuModuleLoadData
    cuModuleLoadDataEx cuModuleLoadFatBinary cuOccupancyMaxActiveBlocksPerMultiprocessor
    cuOccupancyMaxPotentialClusterSize cuStreamBeginCapture_v2 cuStreamCreate
    cuStreamDestroy_v2 cuStreamEndCapture cuStreamGetCtx cuStreamSynchronize
    cuStreamWaitEvent cuTensorMapEncodeTiled
    """
}

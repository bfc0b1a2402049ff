/** The door to the kernel. Users may import it, but there is no promise of stability. */
export type {
  BpfBtfInfo,
  BpfBtfInfoRequest,
  BpfLinkInfo,
  BpfLinkInfoRequest,
  BpfMapInfo,
  BpfProgInfo,
  BpfProgInfoRequest,
  BpfTokenInfo,
  BtfLoadAttr,
  Capability,
  CommandAttrs,
  EnableStatsAttr,
  GetIdAttr,
  InfoAttr,
  IterCreateAttr,
  LinkCreateAttr,
  LinkDetachAttr,
  LinkUpdateAttr,
  MapBatchAttr,
  MapCreateAttr,
  MapElemAttr,
  ObjAttr,
  ProgAssocStructOpsAttr,
  ProgAttachAttr,
  ProgBindMapAttr,
  ProgLoadAttr,
  ProgQueryAttr,
  ProgStreamReadAttr,
  ProgTestRunAttr,
  RawTracepointAttr,
  TaskFdQueryAttr,
  TokenCreateAttr,
  U64,
} from '../abi/index.ts';
export {
  type BareError,
  BpfError,
  ClosedError,
  type Explain,
  FormatError,
  NotSupportedError,
} from '../errors/index.ts';
export {
  type Memory,
  type NativeBinding,
  type NativePoller,
  native,
  type SyscallArgument,
  type SyscallName,
  withBinding,
} from './binding.ts';
export { addressOf, bindBpf, bpf, bpfAsync, NO_FD } from './bpf.ts';
export {
  deviceOf,
  isBpffs,
  openDevice,
  openDirectory,
  openFile,
  openNonblocking,
  readFdinfo,
} from './bpffs.ts';
export {
  type CapabilitySets,
  capabilitiesOf,
  capabilityMask,
  getCapabilities,
  readCapabilities,
  setCapabilities,
} from './capabilities.ts';
export { Claim } from './claim.ts';
export * from './commands/index.ts';
export { onlineCpus, parseCpuList, possibleCpus } from './cpus.ts';
export { descriptorAccess, whyNotMappable } from './descriptor-access.ts';
export { checkFd, Fd, type OpenDescriptor, openDescriptors, traceDescriptors } from './fd.ts';
export {
  type HelperEvents,
  type HelperFailure,
  helperProgram,
  readIdMap,
  startHelper,
  startRefused,
} from './helper.ts';
export { MOST_MOUNTS } from './helper-checks.ts';
export type { HelperIsolation, HelperMount, HelperRequest } from './helper-request.ts';
export { interfaceIndex, interfaceName } from './interfaces.ts';
export { kernelBtf, kernelBtfBytes, moduleBtf, VMLINUX_BTF } from './kernel-btf.ts';
export { kernelBuildOption, kernelConfigProblem } from './kernel-config.ts';
export { kernelEnumHas } from './kernel-enum.ts';
export { unreadableKernelFile, whyUnreadable } from './kernel-file.ts';
export { type KernelFunction, kernelFunctionNames, kernelFunctionsNamed } from './kernel-functions.ts';
export { kernelSymbols } from './kernel-symbols.ts';
export { type KernelVersion, kernelVersion } from './kernel-version.ts';
export { hasCapability, knownInitialNamespace } from './known-rights.ts';
export { lockedMemoryLimit } from './locked-memory.ts';
export { MemoryMap, type MemoryMapOptions } from './memory-map.ts';
export {
  fsconfigCreate,
  fsconfigSet,
  fsmount,
  fsopen,
  mountFileSystem,
  moveMount,
  unmount,
} from './mount.ts';
export {
  type MalformedMount,
  type MountInfo,
  type Mountinfo,
  parseMountinfo,
  readMountinfo,
  visibleMounts,
} from './mountinfo.ts';
export { inInitialUserNamespace, type NamespaceKind, namespaceInode } from './namespace.ts';
export { checkKind, type ObjectKind, objectKind } from './object-kind.ts';
export { kernelName, plainName } from './object-name.ts';
export { pageSize } from './page-size.ts';
export {
  ioctl,
  type PerfEventAttr,
  type PerfEventTarget,
  perfEventMaxRate,
  perfEventOpen,
  perfEventParanoid,
} from './perf-event.ts';
export { type PerfEventNeeds, whyNoPerfEvent } from './perf-event-rights.ts';
export { makePinFolder, removePinFolder } from './pin-folder.ts';
export { Poller } from './poller.ts';
export { pidfdGetfd, pidfdOpen, prctl, setns } from './process.ts';
export { BTF_STARTS, ELF_START, type Input, readInput, readInputSync } from './read-input.ts';
export { ReadableSet } from './readable-set.ts';
export { hasSeccompFilter, missingCall, otherRefusers } from './seccomp.ts';
export { lockdownLevel, unprivilegedBpfDisabled } from './security.ts';
export {
  bindCopy,
  bindLoad,
  bindScan,
  bindScanPerf,
  bindStore,
  COUNT,
  makePositions,
  NEEDS_FENCE,
  POSITION,
  type Positions,
  READY,
  readAnew,
  type ScanOptions,
  THEIRS,
} from './shared-memory.ts';
export { type PollerShare, sharePoller } from './shared-poller.ts';
export { signalsSent } from './signals.ts';
export {
  networkNamespaceCookie,
  type SocketOption,
  setSocketOption,
  socketCookie,
} from './socket-options.ts';
export { commonCause, type Purpose, syscall, systemError, trySyscall } from './syscall.ts';
export {
  type TraceableFunction,
  type TraceableFunctions,
  traceableFunctions,
} from './traceable-functions.ts';
export {
  findTracefs,
  namesIn,
  type PerfEventSource,
  perfEventSource,
  readNumber,
  type TracefsPlace,
  USUAL_TRACEFS,
  whyNoTracefs,
} from './tracefs.ts';

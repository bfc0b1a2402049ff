/** The kernel's door. Importable by users, without a promise of stability. */
export { type NativeBinding, native, withBinding } from './binding.ts';
export { addressOf, bindBpf, bpf, bpfAsync } from './bpf.ts';
export { deviceOf, isBpffs, openDirectory, openFile, readFdinfo } from './bpffs.ts';
export { type IdentifiedKind, openById, whyAdminOnly } from './by-id.ts';
export {
  type Capability,
  type CapabilitySets,
  capabilitiesOf,
  capabilityMask,
  capabilityNames,
  getCapabilities,
  parseCapability,
  readCapabilities,
  setCapabilities,
} from './capabilities.ts';
export { Claim } from './claim.ts';
export { onlineCpus, parseCpuList, possibleCpus } from './cpus.ts';
export { checkFd, Fd, type OpenDescriptor, openDescriptors, traceDescriptors } from './fd.ts';
export {
  type HelperEvents,
  type HelperFailure,
  type HelperIsolation,
  type HelperMount,
  type HelperRequest,
  helperProgram,
  readIdMap,
  startHelper,
  startRefused,
} from './helper.ts';
export { MOST_MOUNTS } from './helper-checks.ts';
export { interfaceIndex, interfaceName } from './interfaces.ts';
export { kernelBtf, kernelBtfBytes, moduleBtf, VMLINUX_BTF } from './kernel-btf.ts';
export { kernelBuildOption, kernelConfigProblem } from './kernel-config.ts';
export { unreadableKernelFile, whyUnreadable } from './kernel-file.ts';
export { kernelFunctionCount } from './kernel-functions.ts';
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
export { kernelName, plainName } from './object-name.ts';
export {
  makePinFolder,
  type ObjectKind,
  objectKind,
  openPinned,
  pinObject,
  removePinFolder,
  unpinObject,
  unpinOwn,
} from './objects.ts';
export { pageSize } from './page-size.ts';
export { ioctl, type PerfEventAttr, perfEventOpen, perfEventParanoid } from './perf-event.ts';
export { Poller } from './poller.ts';
export { pidfdGetfd, pidfdOpen, prctl, setns } from './process.ts';
export { BTF_STARTS, ELF_START, type Input, readInput, readInputSync } from './read-input.ts';
export { ReadableSet } from './readable-set.ts';
export { hasSeccompFilter, missingCall, otherRefusers } from './seccomp.ts';
export { lockdownLevel, unprivilegedBpfDisabled } from './security.ts';
export {
  bindLoad,
  bindScan,
  bindStore,
  makePositions,
  NEEDS_FENCE,
  POSITION,
  READY,
  readAnew,
  THEIRS,
} from './shared-memory.ts';
export { type PollerShare, sharePoller } from './shared-poller.ts';
export { signalsSent } from './signals.ts';
export { commonCause, syscall, systemError, trySyscall } from './syscall.ts';
export {
  findTracefs,
  namesIn,
  type PerfEventSource,
  perfEventSource,
  readNumber,
  type TracefsPlace,
  tracefsPath,
} from './tracefs.ts';

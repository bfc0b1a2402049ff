/** The commands of bpf(2), each as a function that throws when the kernel refuses. */
export { type IdentifiedKind, type ListedKind, objectIds, openById, whyAdminOnly } from './by-id.ts';
export { tryCall } from './call.ts';
export { kernelBtfById } from './kernel-btf.ts';
export {
  iterCreate,
  type LinkPurpose,
  linkCreate,
  linkDetach,
  linkUpdate,
  rawTracepointOpen,
} from './links.ts';
export { mapDeleteElem, mapFreeze, mapUpdateElem } from './maps.ts';
export {
  btfInfo,
  isSameObject,
  linkInfo,
  mapInfo,
  namedBtfInfo,
  progInfo,
  tokenInfo,
} from './object-info.ts';
export { openPinned, pinObject, removePin, unpinObject } from './pins.ts';
export { progAttach, progBindMap, progDetach, progStreamRead, progTestRun } from './programs.ts';

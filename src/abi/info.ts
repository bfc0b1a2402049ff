import { type Decoded, decodeStruct } from './decode.ts';
import { clear, encodeFields } from './encode.ts';
import { type PerfEventType, perfEventTypes } from './generated/enums.ts';
import {
  type BpfBtfInfo,
  type BpfBtfInfoRequest,
  type BpfLinkInfo,
  type BpfLinkInfoRequest,
  type BpfMapInfo,
  type BpfMapInfoRequest,
  type BpfProgInfo,
  type BpfProgInfoRequest,
  type BpfTokenInfo,
  btfInfo,
  linkInfo,
  mapInfo,
  progInfo,
  tokenInfo,
} from './generated/info.ts';
import { linkTypes } from './generated/link-types.ts';
import type { AddressOf, Layout } from './layout.ts';

/** The structures, by the kind of object that they describe. */
const layouts: { readonly [kind in keyof InfoRequests]: Layout } = {
  map: mapInfo,
  prog: progInfo,
  btf: btfInfo,
  link: linkInfo,
  token: tokenInfo,
};

/** Bytes of each info structure in the newest kernel that this library knows: the room that `info` needs. */
export const INFO_SIZES: { readonly [kind in keyof InfoRequests]: number } = Object.freeze({
  map: mapInfo.size,
  prog: progInfo.size,
  btf: btfInfo.size,
  link: linkInfo.size,
  token: tokenInfo.size,
});

/** What can be asked of the kernel by setting fields before obj_get_info_by_fd. */
export interface InfoRequests {
  readonly map: BpfMapInfoRequest;
  readonly prog: BpfProgInfoRequest;
  readonly btf: BpfBtfInfoRequest;
  readonly link: BpfLinkInfoRequest;
  readonly token: Record<string, never>;
}

/**
 * Prepares the buffer for obj_get_info_by_fd: zeroes it, and sets the buffers for the kernel to fill and their lengths
 * (for example `map_ids` and `nr_map_ids`).
 *
 * @returns the size of the whole structure, to pass as `info_len`
 * @throws TypeError or RangeError, as encodeAttr does
 */
export function encodeInfoRequest<K extends keyof InfoRequests>(
  kind: K,
  request: InfoRequests[K],
  view: DataView,
  addressOf: AddressOf,
): number {
  const layout = layouts[kind];
  clear(layout, view);
  encodeFields(layout, request, view, addressOf);
  return layout.size;
}

/** Decodes bpf_map_info, of which the kernel filled `length` bytes. Fields that it does not know read as zero. */
export function decodeMapInfo(view: DataView, length: number): BpfMapInfo {
  return decodeStruct(mapInfo, view, length) as unknown as BpfMapInfo;
}

/** Decodes bpf_prog_info, of which the kernel filled `length` bytes. Fields that it does not know read as zero. */
export function decodeProgInfo(view: DataView, length: number): BpfProgInfo {
  return decodeStruct(progInfo, view, length) as unknown as BpfProgInfo;
}

/** Decodes bpf_btf_info, of which the kernel filled `length` bytes. Fields that it does not know read as zero. */
export function decodeBtfInfo(view: DataView, length: number): BpfBtfInfo {
  return decodeStruct(btfInfo, view, length) as unknown as BpfBtfInfo;
}

/** Decodes bpf_token_info (Linux >= 6.17): the masks of what a token permits. */
export function decodeTokenInfo(view: DataView, length: number): BpfTokenInfo {
  return decodeStruct(tokenInfo, view, length) as unknown as BpfTokenInfo;
}

/** The part of a perf event link's information that each type of event fills. */
const PERF_EVENT_PARTS: { readonly [type in PerfEventType]?: string } = {
  uprobe: 'uprobe',
  uretprobe: 'uprobe',
  kprobe: 'kprobe',
  kretprobe: 'kprobe',
  tracepoint: 'tracepoint',
  event: 'event',
};

/**
 * Decodes bpf_link_info, of which the kernel filled `length` bytes. The result has only the part for this link's type,
 * under the type's name (`info.cgroup`, `info.xdp`). For a perf event, that part has only the part for its type of
 * event (`info.perf_event.uprobe`).
 */
export function decodeLinkInfo(view: DataView, length: number): BpfLinkInfo {
  const all = decodeStruct(linkInfo, view, length);
  const info = onlyPart(linkInfo, all, linkTypes.name(Number(all.type)));
  const field = linkInfo.fields.perf_event;
  const event = info.perf_event;
  if (field?.form === 'struct' && typeof event === 'object' && !(event instanceof Uint8Array)) {
    const type = perfEventTypes.name(Number(event.type));
    info.perf_event = onlyPart(field.layout, event, type && PERF_EVENT_PARTS[type]);
  }
  return info as unknown as BpfLinkInfo;
}

/** The fields of a structure, without its nested structures except the one with this name. */
function onlyPart(layout: Layout, all: Decoded, part: string | undefined): Record<string, Decoded[string]> {
  const kept = Object.entries(all).filter(
    ([name]) => layout.fields[name]?.form !== 'struct' || name === part,
  );
  return Object.fromEntries(kept);
}

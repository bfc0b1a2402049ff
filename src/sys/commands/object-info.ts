import {
  type BpfBtfInfo,
  type BpfBtfInfoRequest,
  type BpfLinkInfo,
  type BpfLinkInfoRequest,
  type BpfMapInfo,
  type BpfProgInfo,
  type BpfProgInfoRequest,
  type BpfTokenInfo,
  decodeBtfInfo,
  decodeLinkInfo,
  decodeMapInfo,
  decodeProgInfo,
  decodeTokenInfo,
  encodeInfoRequest,
  INFO_SIZES,
  type InfoRequests,
} from '../../abi/index.ts';
import { addressOf } from '../bpf.ts';
import type { Fd } from '../fd.ts';
import { isBpfObject } from '../object-kind.ts';
import { call } from './call.ts';

/** What the kernel has filled in. */
interface Answer {
  readonly view: DataView;
  readonly length: number;
}

/** For descriptors of other things, the kernel's errno says little. */
function whyNoInfo(fd: Fd, code: string): string | undefined {
  if (code !== 'EINVAL' && code !== 'EBADFD') return undefined;
  return isBpfObject(fd.value) === false ? 'it is not a BPF object' : undefined;
}

/** BPF_OBJ_GET_INFO_BY_FD. @param what - the object, for errors */
function ask<K extends keyof InfoRequests>(kind: K, fd: Fd, what: string, request: InfoRequests[K]): Answer {
  const info = new Uint8Array(INFO_SIZES[kind]);
  const view = new DataView(info.buffer);
  const attr = { bpf_fd: fd.value, info_len: encodeInfoRequest(kind, request, view, addressOf), info };
  call(
    'obj_get_info_by_fd',
    attr,
    `read the information of ${what}`,
    ({ code }) => whyNoInfo(fd, code),
    request,
  );
  return { view, length: attr.info_len };
}

/** @param what - the map, for errors. @throws BpfError */
export function mapInfo(fd: Fd, what: string = fd.what): BpfMapInfo {
  const { view, length } = ask('map', fd, what, {});
  return decodeMapInfo(view, length);
}

/** @param request - buffers to be filled, with their sizes. @throws BpfError */
export function progInfo(fd: Fd, request: BpfProgInfoRequest = {}): BpfProgInfo {
  const { view, length } = ask('prog', fd, fd.what, request);
  return decodeProgInfo(view, length);
}

/** @param request - buffers to be filled, with their sizes. @throws BpfError */
export function btfInfo(fd: Fd, request: BpfBtfInfoRequest = {}): BpfBtfInfo {
  const { view, length } = ask('btf', fd, fd.what, request);
  return decodeBtfInfo(view, length);
}

/** @param request - buffers to be filled, with their sizes. @throws BpfError */
export function linkInfo(fd: Fd, request: BpfLinkInfoRequest = {}): BpfLinkInfo {
  const { view, length } = ask('link', fd, fd.what, request);
  return decodeLinkInfo(view, length);
}

/** Linux >= 6.17. @throws BpfError */
export function tokenInfo(fd: Fd): BpfTokenInfo {
  const { view, length } = ask('token', fd, fd.what, {});
  return decodeTokenInfo(view, length);
}

/** The kernel's module names are shorter (MODULE_NAME_LEN). */
const NAME_SIZE = 64;

/** What the kernel says about BTF, with its name. @param bytes - room for the encoded BTF. @throws BpfError */
export function namedBtfInfo(fd: Fd, bytes?: Uint8Array): BpfBtfInfo & { readonly text: string } {
  const name = new Uint8Array(NAME_SIZE);
  const room = bytes === undefined || bytes.length === 0 ? {} : { btf: bytes, btf_size: bytes.length };
  const info = btfInfo(fd, { name, name_len: NAME_SIZE, ...room });
  return { ...info, text: Buffer.from(name.subarray(0, name.indexOf(0))).toString() };
}

/** The start of every object's information: its type and its id, and two more words. */
const START = 16;

/**
 * Whether two descriptors stand for the same map, program or link. The kernel has no call for that. Objects of one kind
 * differ in their ids, and objects of different kinds in the words after the id.
 *
 * @throws BpfError
 */
export function isSameObject(one: Fd, other: Fd): boolean {
  const [a, b] = [one, other].map((fd) => {
    const info = new Uint8Array(START);
    call(
      'obj_get_info_by_fd',
      { bpf_fd: fd.value, info_len: START, info },
      `read the information of ${fd.what}`,
    );
    return info;
  });
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}

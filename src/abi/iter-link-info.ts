import { encodeFields } from './encode.ts';
import { type IterLinkInfoRequest, iterLinkInfo } from './generated/iter-link-info.ts';

/**
 * The parameters of an iterator, for BPF_LINK_CREATE. The bytes end with the last field that is given, so that kernels
 * that do not know later fields accept them.
 *
 * @throws TypeError or RangeError as encodeAttr does
 */
export function encodeIterLinkInfo(request: IterLinkInfoRequest): Uint8Array {
  const bytes = new Uint8Array(iterLinkInfo.size);
  // None of the fields is an address.
  const end = encodeFields(iterLinkInfo, request, new DataView(bytes.buffer), () => 0);
  return bytes.slice(0, end);
}

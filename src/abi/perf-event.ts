import { encodeFields } from './encode.ts';
import { type PerfEventAttrRequest, perfEventAttr } from './generated/perf-event.ts';
import type { AddressOf } from './layout.ts';

/**
 * What perf_event_open(2) reads. It has the size that the newest kernel knows: older ones accept it if the fields that
 * they do not know are zero.
 *
 * @throws TypeError or RangeError as encodeAttr does
 */
export function encodePerfEventAttr(request: PerfEventAttrRequest, addressOf: AddressOf): Uint8Array {
  const bytes = new Uint8Array(perfEventAttr.size);
  const view = new DataView(bytes.buffer);
  encodeFields(perfEventAttr, { ...request, size: perfEventAttr.size }, view, addressOf);
  return bytes;
}

import type { Explain } from '../../errors/index.ts';
import type { Fd } from '../fd.ts';
import { call } from './call.ts';

/** BPF_MAP_UPDATE_ELEM, once. For many calls on one map, use `bindBpf`. @throws BpfError */
export function mapUpdateElem(map: Fd, key: Uint8Array, value: Uint8Array, action: string): void {
  call('map_update_elem', { map_fd: map.value, key, value, flags: 0 }, action);
}

/** BPF_MAP_DELETE_ELEM, once. @throws BpfError */
export function mapDeleteElem(map: Fd, key: Uint8Array, action: string): void {
  call('map_delete_elem', { map_fd: map.value, key }, action);
}

/** BPF_MAP_FREEZE. Linux >= 5.2. @param what - the map, for errors. @throws BpfError */
export function mapFreeze(map: Fd, what: string, explain?: Explain): void {
  call('map_freeze', { map_fd: map.value }, `freeze ${what}`, explain);
}

import { checkCodecs } from '../bytes/codec/index.ts';
import { checkOwner, rejectUnknownOptions } from '../errors/index.ts';
import { type AnyMap, mapText } from '../events/index.ts';

/** How errors name the map. */
export const ringText = (map: AnyMap): string => mapText('ring buffer', map);

/** @throws TypeError for another type of map, and for unknown options */
export function checkRing(
  what: string,
  map: AnyMap,
  type: 'ringbuf' | 'user_ringbuf',
  options: object,
  known: readonly string[],
): void {
  rejectUnknownOptions(what, options, known);
  checkOwner(`${what}: map`, map, 'a BpfMap');
  checkCodecs(what, options, ['value']);
  if (map.type !== type) throw new TypeError(`${what}: ${mapText('map', map)} is not of type ${type}`);
}

/** Whether programs overwrite unread records of the ring when it is full. */
export const overwrites = (map: AnyMap): boolean => map.info().flags.includes('rb_overwrite');

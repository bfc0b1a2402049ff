import { EntryAccess } from './entries/entry-access.ts';

declare const MADE: unique symbol;

/**
 * The argument of every map's constructor. Only `BpfMap.create`, `BpfMap.fromId` and the like have one, so only they
 * can make maps.
 */
export interface MapHandle<K = unknown, V = unknown> {
  readonly [MADE]: readonly [K, V];
}

/** Hides the internals of a map from the declarations that users see. */
export function handleOf<K, V>(access: EntryAccess<K, V>): MapHandle<K, V> {
  return access as unknown as MapHandle<K, V>;
}

/**
 * Gives back what {@link handleOf} hides.
 *
 * @throws TypeError for anything else: TypeScript alone cannot stop such calls
 */
export function accessOf<K, V>(handle: MapHandle<K, V>): EntryAccess<K, V> {
  if (!((handle as unknown) instanceof EntryAccess)) {
    throw new TypeError('Maps cannot be constructed: use BpfMap.create, fromId, fromPinned or fromFd');
  }
  return handle as unknown as EntryAccess<K, V>;
}

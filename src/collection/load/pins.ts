import { BpfError } from '../../errors/index.ts';
import { BpfMap } from '../../map/index.ts';
import { makePinFolder, removePin, removePinFolder } from '../../sys/index.ts';
import type { MapSpec } from '../spec/types.ts';
import { accessOf, differences } from './compatibility.ts';
import { codecsOf, type MapContext, recordsOf } from './map-options.ts';
import type { Owned } from './owned.ts';

const { join } = process.getBuiltinModule('node:path');

/** Where maps are pinned by name when nothing else is said. */
export const DEFAULT_PIN_PATH = '/sys/fs/bpf';

/** Where something of this name is pinned: a bpffs takes no dots. */
export function pinPathOf(folder: string, name: string): string {
  return join(folder, name.replaceAll('.', '_'));
}

function open(path: string, map: MapSpec, context: MapContext): BpfMap | undefined {
  let pinned: BpfMap;
  try {
    pinned = BpfMap.fromPinned(path, { access: accessOf(map) }) as BpfMap;
  } catch (error) {
    if (BpfError.is(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const problems = differences(pinned.info(), map, context);
    if (problems.length > 0) {
      throw new BpfError(
        `Cannot use the map pinned at ${path} for map "${map.name}": ${problems.join('; ')}: remove the pin, or choose another pinPath`,
        { code: 'ERR_BPF_PIN_MISMATCH' },
      );
    }
    const { key, value } = codecsOf(map, context);
    const records = recordsOf(map, context.spec.btf);
    const fd = pinned.fd.duplicate();
    const { type } = map;
    return BpfMap.fromFd(fd, {
      type: type as 'hash',
      ...(key.size === 0 ? {} : { key }),
      ...(value.size === 0 || map.inner !== undefined ? {} : { value }),
      ...(records === undefined ? {} : { records }),
      ...(map.inner === undefined ? {} : { inner: codecsOf(map.inner, context) }),
    }) as BpfMap;
  } finally {
    pinned.close();
  }
}

/** The map that is pinned by this name, or a new one that is pinned then. */
export function usePinned(map: MapSpec, context: MapContext, owned: Owned, create: () => BpfMap): BpfMap {
  const folder = context.options.pinPath ?? DEFAULT_PIN_PATH;
  const path = pinPathOf(folder, map.name);
  context.pins.paths.add(path);
  const found = open(path, map, context);
  if (found !== undefined) return owned.add(found);
  const made = create();
  if (context.options.pinPath !== undefined && makePinFolder(folder)) context.pins.addFolder(folder, owned);
  try {
    made.pin(path);
  } catch (error) {
    // Somebody else was faster: theirs is the map then.
    const other = BpfError.is(error) && error.code === 'EEXIST' ? open(path, map, context) : undefined;
    if (other === undefined) throw error;
    return owned.add(other);
  }
  context.pins.add(path, owned);
  return made;
}

/** Pins maps and programs in a folder, all or none; those that are pinned there already stay as they are. */
export function pinAll(
  folder: string,
  things: Iterable<readonly [string, { pin(path: string): void }]>,
  pinned: ReadonlySet<string>,
): void {
  const made = makePinFolder(folder);
  const done: string[] = [];
  try {
    for (const [name, thing] of things) {
      const path = pinPathOf(folder, name);
      if (pinned.has(path)) continue;
      thing.pin(path);
      done.push(path);
    }
  } catch (error) {
    for (const path of done) removePin(path);
    if (made) removePinFolder(folder);
    throw error;
  }
}

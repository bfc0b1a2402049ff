import { BpfError } from '../errors/index.ts';
import { isFileSystem } from './file-system.ts';
import { parseMountinfo, readMountinfo, visibleMounts } from './mountinfo.ts';

const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');

/** Where it is nearly always. */
export const USUAL_TRACEFS = '/sys/kernel/tracing';
const USUAL_PLACES = [USUAL_TRACEFS, '/sys/kernel/debug/tracing'];

/** Where tracefs is. With a cause but without a path, that cannot be found out. */
export interface TracefsPlace {
  readonly path: string | undefined;
  /** Why the mounts of this process cannot be read. */
  readonly cause?: unknown;
}

/** Where tracefs can be reached: a mount of its own, or the folder it has in debugfs. */
export function findTracefs(): TracefsPlace {
  let mountinfo: Uint8Array;
  try {
    mountinfo = readMountinfo();
  } catch (cause) {
    return { path: USUAL_PLACES.find((path) => isFileSystem(path, 'tracefs') === true), cause };
  }
  const mounts = visibleMounts(parseMountinfo(mountinfo).mounts).filter(({ root }) => root === '/');
  const own = mounts.find(({ fsType }) => fsType === 'tracefs');
  if (own !== undefined) return { path: own.mountPoint };
  // The kernel mounts tracefs there as soon as a process opens it.
  const debug = mounts.find(({ fsType }) => fsType === 'debugfs');
  return { path: debug === undefined ? undefined : join(debug.mountPoint, 'tracing') };
}

/** Why there is no path, for what is in tracefs. @param what - that, as a subject: `its number` */
export function whyNoTracefs(what: string, { cause }: TracefsPlace): string {
  return cause === undefined
    ? `${what} is in tracefs, which is not mounted: mount -t tracefs tracefs ${USUAL_TRACEFS}`
    : `${what} is in tracefs, which is not at ${USUAL_TRACEFS}, and /proc/self/mountinfo, which says where it is, ` +
        'cannot be read: give its folder in the option tracefs';
}

/** What is in a folder; `undefined` if it cannot be read. */
export function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** A number that a sysfs or tracefs file holds. Throws the file system's error. */
export function readNumber(path: string): number {
  return Number(readFileSync(path, 'latin1').trim());
}

const EVENT_SOURCES = '/sys/bus/event_source/devices';

/** A kind of perf events (a PMU). */
export interface PerfEventSource {
  /** Its number for `perf_event_attr.type`. */
  readonly type: number;
  /** The bit of the config word that stands for a parameter. */
  bit(field: string): number;
}

function whyUnreadable(code: string): string {
  if (isFileSystem('/sys', 'sysfs') !== true)
    return 'sysfs is not mounted at /sys: mount -t sysfs sysfs /sys';
  return code === 'ENOENT' ? 'this kernel shows no perf events there' : 'this process may not read it';
}

/**
 * What /sys says about a kind of perf events; `undefined` if this kernel has no such kind.
 *
 * @throws BpfError `ERR_BPF_NO_SYSFS` if /sys cannot be read
 */
export function perfEventSource(name: string): PerfEventSource | undefined {
  const folder = join(EVENT_SOURCES, name);
  const read = (file: string): string => {
    try {
      return readFileSync(join(folder, file), 'latin1');
    } catch (cause) {
      const { code = 'EIO' } = cause as NodeJS.ErrnoException;
      throw new BpfError(`Cannot read ${join(folder, file)}: ${code}: ${whyUnreadable(code)}`, {
        code: 'ERR_BPF_NO_SYSFS',
        cause,
      });
    }
  };
  let type: number;
  try {
    type = Number(read('type').trim());
  } catch (error) {
    // Every kernel has some kinds.
    if (namesIn(EVENT_SOURCES)?.includes(name) === false) return undefined;
    throw error;
  }
  // "config:0", "config:32-63"
  const bits = new Map<string, number>();
  const bit = (field: string): number => {
    const known = bits.get(field);
    if (known !== undefined) return known;
    const found = Number(/^config:(\d+)/.exec(read(join('format', field)))?.[1]);
    bits.set(field, found);
    return found;
  };
  return { type, bit };
}

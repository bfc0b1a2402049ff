import { BpfError } from '../errors/index.ts';
import { parseMountinfo, readMountinfo, visibleMounts } from './mountinfo.ts';

const { join } = process.getBuiltinModule('node:path');
const { readdirSync, readFileSync, statfsSync } = process.getBuiltinModule('node:fs');

/** `TRACEFS_MAGIC` of include/uapi/linux/magic.h, and where it mostly is. */
const TRACEFS_MAGIC = 0x74726163;
const USUAL_PLACES = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];

/** Where tracefs is; without a path and with a cause, that cannot be told. */
export interface TracefsPlace {
  readonly path: string | undefined;
  /** Why the mounts of this process cannot be read. */
  readonly cause?: unknown;
}

const SYSFS_MAGIC = 0x62656572;

function isOfType(path: string, magic: number): boolean {
  try {
    return statfsSync(path).type === magic;
  } catch {
    return false;
  }
}

/** Where tracefs can be reached: a mount of its own, or the folder it has in debugfs. */
export function findTracefs(): TracefsPlace {
  let mountinfo: Uint8Array;
  try {
    mountinfo = readMountinfo();
  } catch (cause) {
    return { path: USUAL_PLACES.find((path) => isOfType(path, TRACEFS_MAGIC)), cause };
  }
  const mounts = visibleMounts(parseMountinfo(mountinfo).mounts).filter(({ root }) => root === '/');
  const own = mounts.find(({ fsType }) => fsType === 'tracefs');
  if (own !== undefined) return { path: own.mountPoint };
  // The kernel mounts tracefs there as soon as somebody looks.
  const debug = mounts.find(({ fsType }) => fsType === 'debugfs');
  return { path: debug === undefined ? undefined : join(debug.mountPoint, 'tracing') };
}

/** {@link findTracefs}, for those to whom it does not matter why. */
export function tracefsPath(): string | undefined {
  return findTracefs().path;
}

/** What is in a folder; `undefined` when it cannot be read. */
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
  /** Which bit of the config word a parameter is. */
  bit(field: string): number;
}

function whyUnreadable(code: string): string {
  if (!isOfType('/sys', SYSFS_MAGIC)) return 'sysfs is not mounted at /sys: mount -t sysfs sysfs /sys';
  return code === 'ENOENT' ? 'this kernel shows no perf events there' : 'this process may not read it';
}

/**
 * What /sys says about a kind of perf events; `undefined` when this kernel has no such kind.
 *
 * @throws BpfError `ERR_BPF_NO_SYSFS` when /sys cannot be read, so that nothing can be told
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
  // A kernel has some in any case.
  if (namesIn(EVENT_SOURCES)?.includes(name) === false) return undefined;
  // "config:0", "config:32-63"
  const bit = (field: string): number => Number(/^config:(\d+)/.exec(read(join('format', field)))?.[1]);
  return { type: Number(read('type').trim()), bit };
}

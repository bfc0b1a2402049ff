import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMountinfo, readMountinfo, visibleMounts } from './mountinfo.ts';

/** Where tracefs can be reached: a mount of its own, or the folder it has in debugfs; `undefined` when nowhere. */
export function tracefsPath(): string | undefined {
  const mounts = visibleMounts(parseMountinfo(readMountinfo()).mounts).filter(({ root }) => root === '/');
  const own = mounts.find(({ fsType }) => fsType === 'tracefs');
  if (own !== undefined) return own.mountPoint;
  // The kernel mounts tracefs there as soon as somebody looks.
  const debug = mounts.find(({ fsType }) => fsType === 'debugfs');
  return debug === undefined ? undefined : join(debug.mountPoint, 'tracing');
}

/** A number that a sysfs or tracefs file holds. Throws the file system's error. */
export function readNumber(path: string): number {
  return Number(readFileSync(path, 'latin1').trim());
}

/**
 * What /sys tells of a kind of perf events (a PMU): its number for `perf_event_attr.type`, and by bit number where in
 * the config words its parameters lie; `undefined` when this kernel has no such kind.
 */
export function perfEventSource(name: string): { type: number; bit(field: string): number } | undefined {
  const folder = join('/sys/bus/event_source/devices', name);
  let type: number;
  try {
    type = readNumber(join(folder, 'type'));
  } catch {
    return undefined;
  }
  // "config:0", "config:32-63"
  const bit = (field: string): number =>
    Number(/^config:(\d+)/.exec(readFileSync(join(folder, 'format', field), 'latin1'))?.[1]);
  return { type, bit };
}

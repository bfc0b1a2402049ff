import {
  type MalformedMount,
  type MountInfo,
  parseMountinfo,
  readMountinfo,
  visibleMounts,
} from '../../sys/index.ts';
import { DEFAULT_MOUNT, isDelegation, type Place } from './place.ts';

/** Reads /proc/self/mountinfo; `undefined` without /proc. */
export function tryReadMountinfo(): Uint8Array | undefined {
  try {
    return readMountinfo();
  } catch {
    return undefined;
  }
}

/** A bpffs mount that may give a token. */
export interface Seen extends Place {
  readonly options: string;
  /** What rules the mount out without asking the kernel. */
  readonly verdict?: 'covered' | 'part_of_bpffs';
}

function seen(mount: MountInfo, visible: ReadonlySet<MountInfo>): Seen {
  const place = {
    path: mount.mountPointBytes,
    mount: mount.mountPoint,
    device: mount.device,
    superOptions: mount.superOptions,
    options: mount.superOptions.filter(isDelegation).join(','),
  };
  if (!visible.has(mount)) return { ...place, verdict: 'covered' };
  if (mount.root !== '/') return { ...place, verdict: 'part_of_bpffs' };
  return place;
}

/** The bpffs mounts in the order in which they are tried. Without /proc, `mountinfo` is undefined. */
export function places(mountinfo: Uint8Array | undefined): {
  list: Seen[];
  malformed: readonly MalformedMount[];
} {
  const { mounts, malformed } = parseMountinfo(mountinfo ?? '');
  const visible = new Set(visibleMounts(mounts));
  const all = mounts.filter((mount) => mount.fsType === 'bpf').map((mount) => seen(mount, visible));
  const isDefault = (place: Seen): boolean => place.mount === DEFAULT_MOUNT;
  const first = all.filter(isDefault);
  if (first.length === 0 && (mountinfo === undefined || malformed.length > 0)) {
    first.push({ path: DEFAULT_MOUNT, mount: DEFAULT_MOUNT, options: '' });
  }
  return { list: [...first, ...all.filter((place) => !isDefault(place))], malformed };
}

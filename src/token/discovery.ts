import { type MalformedMount, type MountInfo, parseMountinfo, visibleMounts } from '../sys/index.ts';
import { candidate, type TokenCandidate } from './candidate.ts';
import { isDelegation, type Place, type Refusal, tryCreateToken } from './create.ts';
import { Token } from './token.ts';

/** Where bpffs is mounted by convention, and libbpf looks for it. */
export const DEFAULT_MOUNT = '/sys/fs/bpf';

/** All that was found. The tokens belong to the caller. */
export interface Discovery {
  /** Usable tokens: that of /sys/fs/bpf first, then in the order of mountinfo. */
  readonly tokens: readonly Token[];
  /** Every bpffs mount, in the same order, with what came of it. */
  readonly candidates: readonly TokenCandidate[];
  /** Lines of mountinfo that do not read as mounts. */
  readonly malformed: readonly MalformedMount[];
}

interface Seen extends Place {
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

/** The bpffs mounts in the order in which they are tried. `mountinfo` is undefined when /proc is not there. */
function places(mountinfo: Uint8Array | undefined): { list: Seen[]; malformed: readonly MalformedMount[] } {
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

function describe(place: Seen, result: Token | Refusal): TokenCandidate {
  if (result instanceof Token) return candidate(place.mount, 'usable', place.options);
  return candidate(place.mount, result.outcome, place.options, result);
}

/**
 * Tries every bpffs mount of a mountinfo text; what one of them answers never stops the others.
 *
 * @param earlier - a token of /sys/fs/bpf, for when CAP_BPF was given up after it was made
 */
export function discover(mountinfo: Uint8Array | undefined, earlier?: Token): Discovery {
  const { list, malformed } = places(mountinfo);
  const tokens: Token[] = [];
  const candidates: TokenCandidate[] = [];
  const devices = new Set<string>();
  for (const place of list) {
    if (place.verdict !== undefined) {
      candidates.push(candidate(place.mount, place.verdict, place.options));
    } else if (place.device !== undefined && devices.has(place.device)) {
      candidates.push(candidate(place.mount, 'duplicate', place.options));
    } else {
      const made = tryCreateToken(place);
      const kept = !(made instanceof Token) && made.outcome === 'no_cap_bpf' && place.mount === DEFAULT_MOUNT;
      const result = kept ? (earlier ?? made) : made;
      candidates.push(describe(place, result));
      if (result instanceof Token) {
        tokens.push(result);
        if (place.device !== undefined) devices.add(place.device);
      }
    }
  }
  return { tokens, candidates, malformed };
}

import { errnoOf, TokenError } from '../errors/index.ts';
import { capabilityMask, getCapabilities, readIdMap } from '../sys/index.ts';

const { existsSync } = process.getBuiltinModule('node:fs');

/** What the helper writes for a new user namespace. */
export interface IdMaps {
  readonly uidMap: string;
  readonly gidMap: string;
  readonly denySetgroups: boolean;
}

/** The kernel takes maps only from a process with these capabilities. CAP_SETFCAP: uid 0 is among the ids. */
const NEEDED = capabilityMask(['setuid', 'setgid', 'setfcap']);

function unreadable(kind: 'uid' | 'gid', cause: unknown): TokenError {
  const code = errnoOf(cause) ?? 'ERR_BPF_READ';
  const why = existsSync('/proc/self')
    ? ''
    : ': /proc is not mounted, or belongs to a PID namespace without this process; mount it';
  return new TokenError(`Cannot delegate BPF: ${code}: /proc/self/${kind}_map cannot be read${why}`, {
    ...{ code, reason: 'cannot_delegate', cause },
  });
}

/** Every existing id keeps its number. The kernel does not allow a range twice, so neither does this. */
function identity(kind: 'uid' | 'gid'): string {
  let map: ReturnType<typeof readIdMap>;
  try {
    map = readIdMap(kind);
  } catch (cause) {
    throw unreadable(kind, cause);
  }
  return map.map(([inside, , count]) => `${inside} ${inside} ${count}\n`).join('');
}

/**
 * The id maps of a namespace that keeps every id: all ids of this process's own namespace, or, without the capabilities
 * for that, only its own uid and gid. Account files do not matter.
 *
 * @throws TokenError when /proc does not show the ids
 */
export function identityMaps(): IdMaps {
  const { effective } = getCapabilities();
  if ((effective & NEEDED) === NEEDED) {
    return { uidMap: identity('uid'), gidMap: identity('gid'), denySetgroups: false };
  }
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  return { uidMap: `${uid} ${uid} 1\n`, gidMap: `${gid} ${gid} 1\n`, denySetgroups: true };
}

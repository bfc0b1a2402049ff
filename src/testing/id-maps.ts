import { capabilityMask, readCapabilities, readIdMap } from '../sys/index.ts';

/** What the helper writes for a new user namespace. */
export interface IdMaps {
  readonly uidMap: string;
  readonly gidMap: string;
  readonly denySetgroups: boolean;
}

/** The kernel takes maps from whoever holds these; CAP_SETFCAP because uid 0 is among the ids. */
const NEEDED = capabilityMask(['setuid', 'setgid', 'setfcap']);

/** Every id that exists here keeps its number. The kernel allows no range twice, so neither does this. */
function identity(kind: 'uid' | 'gid'): string {
  return readIdMap(kind)
    .map(([inside, , count]) => `${inside} ${inside} ${count}\n`)
    .join('');
}

/**
 * The id maps of a namespace in which everybody is who they were: all ids of this process's own namespace,
 * or without the capabilities for that, the one own uid and gid. Account files play no part in it.
 */
export function identityMaps(): IdMaps {
  const { effective } = readCapabilities();
  if ((effective & NEEDED) === NEEDED) {
    return { uidMap: identity('uid'), gidMap: identity('gid'), denySetgroups: false };
  }
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  return { uidMap: `${uid} ${uid} 1\n`, gidMap: `${gid} ${gid} 1\n`, denySetgroups: true };
}

import type { Fd } from './fd.ts';
import { trySyscall } from './syscall.ts';

const F_GETFL = 3; // include/uapi/asm-generic/fcntl.h
const O_ACCMODE = 3;

/** What a descriptor permits: reading, writing or both. `undefined` if the kernel does not say. */
export function descriptorAccess(fd: Fd): 'read' | 'write' | 'both' | undefined {
  const flags = trySyscall('fcntl', fd.value, F_GETFL, 0);
  if (flags < 0) return undefined;
  return (['read', 'write', 'both'] as const)[flags & O_ACCMODE];
}

/** Why the memory of a map cannot be mapped through this descriptor; `undefined` if its rights are not the cause. */
export function whyNotMappable(fd: Fd): string | undefined {
  const access = descriptorAccess(fd);
  if (access !== 'read' && access !== 'write') return undefined;
  const [right, flag] = access === 'read' ? ['reading', 'rdonly'] : ['writing', 'wronly'];
  return (
    `the map was opened for ${right} only, or made with the flag ${flag}, and the kernel maps it only for those who ` +
    'may read and write: open it with access: "both"'
  );
}

import { constants } from 'node:os';

/** Names that share a number with a better known one (errno(3)). */
const ALIASES: ReadonlySet<string> = new Set(['EWOULDBLOCK', 'ENOTSUP', 'EDEADLOCK']);

/** Error numbers the kernel returns to user space without a libc name (include/linux/errno.h). */
const KERNEL_ONLY: readonly (readonly [string, number])[] = [['ENOTSUPP', 524]];

const entries: (readonly [string, number])[] = Object.entries(constants.errno).filter(
  ([name]) => !ALIASES.has(name),
);
const names: ReadonlyMap<number, string> = new Map(
  [...entries, ...KERNEL_ONLY].map(([name, number]) => [number, name]),
);

/** The name of a positive errno, such as `EPERM` for 1; `E<number>` when it has none. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `E${errno}`;
}

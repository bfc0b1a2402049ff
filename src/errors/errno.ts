const { constants } = process.getBuiltinModule('node:os');

/** Names that share a number with a better known one (errno(3)). */
const ALIASES: ReadonlySet<string> = new Set(['EWOULDBLOCK', 'ENOTSUP', 'EDEADLOCK']);

/** Error numbers the kernel returns to user space without a libc name (include/linux/errno.h). */
const KERNEL_ONLY: readonly (readonly [string, number])[] = [['ENOTSUPP', 524]];

let names: ReadonlyMap<number, string> | undefined;

function namesByNumber(): ReadonlyMap<number, string> {
  const entries = Object.entries(constants.errno).filter(([name]) => !ALIASES.has(name));
  return new Map([...entries, ...KERNEL_ONLY].map(([name, number]) => [number, name]));
}

/** The name of a positive errno, such as `EPERM` for 1; `E<number>` when it has none. */
export function errnoName(errno: number): string {
  names ??= namesByNumber();
  return names.get(errno) ?? `E${errno}`;
}

const { readFileSync } = process.getBuiltinModule('node:fs');

let counted: boolean | undefined;

/**
 * Whether this kernel counts the memory of BPF objects against RLIMIT_MEMLOCK. Kernels that do have a function for it,
 * which was removed when memory control groups took over (Linux commit 3ac1f01b43b6, "bpf: Eliminate rlimit-based
 * memory accounting for bpf progs", in v5.11). False if symbols cannot be read: the library is tested on kernels that
 * do not count it.
 */
function countsLockedMemory(): boolean {
  if (counted === undefined) {
    try {
      counted = readFileSync('/proc/kallsyms', 'latin1').includes(' __bpf_prog_charge\n');
    } catch {
      counted = false;
    }
  }
  return counted;
}

/** The locked-memory limit in bytes, if this kernel is known to count BPF objects against it. */
export function lockedMemoryLimit(): number | undefined {
  if (!countsLockedMemory()) return undefined;
  try {
    const limit = /^Max locked memory\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

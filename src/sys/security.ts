const { readFileSync } = process.getBuiltinModule('node:fs');

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * The sysctl kernel.unprivileged_bpf_disabled: with 0, everybody may load a few types of programs; with 1 and 2, nobody
 * without CAP_BPF may; `undefined` if /proc does not show it.
 */
export function unprivilegedBpfDisabled(): number | undefined {
  const text = read('/proc/sys/kernel/unprivileged_bpf_disabled');
  return text === undefined ? undefined : Number(text);
}

/** Kernel lockdown, as far as securityfs shows it: `none`, `integrity`, `confidentiality`, or `undefined`. */
export function lockdownLevel(): string | undefined {
  return /\[(\w+)\]/.exec(read('/sys/kernel/security/lockdown') ?? '')?.[1];
}

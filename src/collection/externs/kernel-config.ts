import {
  type KernelVersion,
  kernelBtf,
  kernelBuildOption,
  kernelSymbols,
  kernelVersion,
} from '../../sys/index.ts';
import type { KconfigValue } from './kconfig-value.ts';

const { machine } = process.getBuiltinModule('node:os');

/** `KERNEL_VERSION(a, b, c)`, as in libbpf's LINUX_KERNEL_VERSION. A sublevel above 255 is 255, as in the kernel. */
export function versionCode([major, minor, patch]: KernelVersion): number {
  return (major << 16) | (minor << 8) | Math.min(patch, 255);
}

/** Whether programs can read the cookie of their attachment (Linux 5.15). */
function hasCookies(): boolean {
  const helpers = kernelBtf().byName('bpf_func_id', 'enum');
  return helpers?.values.some(({ name }) => name === 'BPF_FUNC_get_attach_cookie') === true;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  s390x: 's390x',
  riscv64: 'riscv',
};

/** Whether the functions of system calls take their arguments in a `struct pt_regs`. */
function hasSyscallWrappers(): boolean {
  const name = `__${ARCHITECTURES[machine()] ?? 'x64'}_sys_bpf`;
  return kernelBtf().byName(name, 'func') !== undefined || kernelSymbols([name]).has(name);
}

/**
 * A configuration value of the running kernel; `undefined` when it is not set.
 *
 * @throws NotSupportedError when kernel BTF is needed and there is none
 */
export function kconfigOf(name: string): KconfigValue | undefined {
  switch (name) {
    case 'LINUX_KERNEL_VERSION': {
      const version = kernelVersion();
      return version === undefined ? undefined : versionCode(version);
    }
    case 'LINUX_HAS_BPF_COOKIE':
      return Number(hasCookies());
    case 'LINUX_HAS_SYSCALL_WRAPPER':
      return Number(hasSyscallWrappers());
    default: {
      const option = kernelBuildOption(name);
      return option === false ? undefined : option;
    }
  }
}

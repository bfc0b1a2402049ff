import { BpfError, didYouMean } from '../../errors/index.ts';
import { kernelFunctionNames } from '../../sys/index.ts';
import { kernelHas } from '../kernel-types.ts';

/**
 * What the function of a system call is called: `__x64_sys_NAME` and the like where wrappers take the registers, else
 * `__se_sys_NAME` or `sys_NAME` (arch/ARCH/include/asm/syscall_wrapper.h and include/linux/syscalls.h of Linux). The
 * first that the kernel has is the one that programs of this machine's own kind call.
 */
const PREFIXES: readonly string[] = [
  ...({
    x64: ['__x64_sys_'],
    arm64: ['__arm64_sys_'],
    s390x: ['__s390x_sys_'],
    riscv64: ['__riscv_sys_'],
    loong64: ['__loongarch_sys_'],
  }[process.arch as string] ?? []),
  '__se_sys_',
  'sys_',
];

/** System calls by name, and those of the kernel. */
function noSuchCall(name: string, names: readonly string[] | undefined): BpfError {
  const prefix = PREFIXES.find((each) => names?.some((one) => one.startsWith(each)));
  const known = names?.filter((one) => prefix !== undefined && one.startsWith(prefix));
  const near =
    known === undefined
      ? ''
      : didYouMean(
          name,
          known.map((one) => one.slice(prefix?.length)),
        );
  const looked = names === undefined ? 'kernel BTF (/proc/kallsyms cannot be read)' : '/proc/kallsyms';
  return new BpfError(
    `Cannot find the function of system call "${name}" in ${looked}: there is none called ${PREFIXES.map((each) => `${each}${name}`).join(', ')}${near}`,
    { code: 'ERR_BPF_ATTACH_TARGET' },
  );
}

/**
 * The kernel function that carries out a system call on this machine, as kernel BTF or /proc/kallsyms shows it.
 *
 * @throws BpfError `ERR_BPF_ATTACH_TARGET` if there is none
 */
export function syscallFunction(name: string): string {
  const candidates = PREFIXES.map((prefix) => `${prefix}${name}`);
  // BTF is mapped and indexed; the list of symbols is made by the kernel each time it is read.
  const typed = candidates.find((each) => kernelHas('func', each) === true);
  if (typed !== undefined) return typed;
  const names = kernelFunctionNames();
  const there = new Set(names);
  const found = candidates.find((each) => there.has(each));
  if (found !== undefined) return found;
  throw noSuchCall(name, names);
}

import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import type { Link } from '../link.ts';
import { checkType } from '../problems.ts';
import { cText } from '../text.ts';
import { attachToKernelFunction } from './kprobe.ts';
import { syscallFunction } from './syscall-function.ts';

/** Where {@link attachKsyscall} attaches. */
export interface KsyscallOptions {
  /** The system call without prefixes: `unlinkat`. */
  readonly name: string;
  /** Attaches to the call's return instead of its start. */
  readonly return?: boolean | undefined;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
}

/**
 * Attaches a program of type `kprobe` to the kernel function of a system call, whatever it is called on this machine
 * (`__x64_sys_unlinkat`). In most kernels this function has one argument, the registers with the call's arguments:
 * `BPF_KSYSCALL` of bpf_tracing.h reads them.
 *
 * Needs CAP_PERFMON in the initial user namespace, or CAP_SYS_ADMIN if `kernel.perf_event_paranoid` is 3 or more. A BPF
 * token does not help: the error names a way that works without a capability. Linux >= 5.15. If the link is forgotten,
 * the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws NotSupportedError on a kernel without kprobes (CONFIG_KPROBE_EVENTS)
 * @throws BpfError `ERR_BPF_ATTACH_TARGET` if there is no such system call, `ERR_BPF_NO_SYSFS` if /sys is not mounted,
 *   `EPERM`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachKsyscall(program: Program, options: KsyscallOptions): Link {
  const what = 'attachKsyscall';
  rejectUnknownOptions(what, options, ['name', 'return', 'cookie']);
  checkType(what, program, ['kprobe'], options);
  const { name, return: atReturn, cookie } = options;
  cText(`${what}: name`, name);
  const found = syscallFunction(name);
  const place = `system call ${name} (kernel function ${found})`;
  return attachToKernelFunction(program, { function: found, return: atReturn, cookie }, place);
}

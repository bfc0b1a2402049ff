import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { kernelFunctionCount } from '../sys/index.ts';
import type { Link } from './link.ts';
import { anyCpu, attachToPerfEvent, probeSource, refusedPerfEvent } from './perf-attr.ts';
import { type Attempt, checkType, LINK_TO_PERF_EVENT, tooOld } from './problems.ts';
import { cText } from './text.ts';

/** Where {@link attachKprobe} attaches. */
export interface KprobeOptions {
  /** The kernel function, by its name in /proc/kallsyms. */
  readonly function: string;
  /** Bytes from the function's start. Default: 0 */
  readonly offset?: number | undefined;
  /** Attaches to the function's return instead of its start. */
  readonly return?: boolean | undefined;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
}

/** Why the kernel finds no function to probe, or more than one. */
function whyNotProbed(name: string): string {
  const count = kernelFunctionCount(name);
  const none =
    'the kernel has no such function to probe: see /proc/kallsyms, and the other names that inlining and cloning left (NAME.isra.0)';
  const several = 'several functions of the kernel have this name, and probes by name cannot tell them apart';
  if (count === undefined) return `${none}; or ${several}`;
  if (count === 0) return none;
  return count === 1 ? 'it cannot be probed, or not at this offset' : several;
}

/**
 * Attaches a program to a kernel function: at its start, at an instruction inside it, or at its return.
 *
 * Needs CAP_PERFMON in the initial user namespace. Under a BPF token, use {@link attachKprobeMulti}. Linux >= 5.15
 *
 * @throws NotSupportedError on a kernel without kprobes (CONFIG_KPROBE_EVENTS)
 * @throws BpfError `ERR_BPF_NO_SYSFS` if /sys is not mounted, `ENOENT` if there is no such function, `EINVAL` if it
 *   must not be probed, `EPERM`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachKprobe(program: Program, options: KprobeOptions): Link {
  rejectUnknownOptions('attachKprobe', options, ['function', 'offset', 'return', 'cookie']);
  checkType('attachKprobe', program, ['kprobe'], options);
  const { function: name, offset = 0, return: atReturn = false, cookie } = options;
  const config1 = cText('attachKprobe: function', name);
  const at = offset === 0 ? '' : `+0x${offset.toString(16)}`;
  const attempt: Attempt = {
    program,
    target: `${atReturn ? 'return of ' : ''}kernel function ${name}${at}`,
    explain: {
      ...refusedPerfEvent({
        capability: 'perfmon',
        other: 'links to functions by name (attachKprobeMulti) need no capability to attach',
      }),
      ENOENT: () => whyNotProbed(name),
      EADDRNOTAVAIL: () => whyNotProbed(name),
      EINVAL: () =>
        tooOld(LINK_TO_PERF_EVENT) ??
        'it cannot be probed (see the blacklist kprobes/blacklist in debugfs), or not at this offset',
      EILSEQ: 'no instruction starts at this offset',
    },
  };
  const source = probeSource(attempt, 'kprobe');
  const config = atReturn ? 1n << BigInt(source.bit('retprobe')) : 0n;
  const attr = { type: source.type, config, config1, config2: offset };
  return attachToPerfEvent(attempt, attr, { processId: -1, cpu: anyCpu() }, cookie);
}

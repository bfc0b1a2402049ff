import { checkString, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { kernelFunctionsNamed } from '../../sys/index.ts';
import type { Link } from '../link.ts';
import { type Attempt, checkType, LINK_TO_PERF_EVENT, tooOld } from '../problems.ts';
import { cText } from '../text.ts';
import { insteadOfKprobe } from './lesser-hook.ts';
import { attachToPerfEvent, probeSource, refusedPerfEvent } from './perf-attr.ts';

/** Where {@link attachKprobe} attaches. */
export interface KprobeOptions {
  /** The kernel function, by its name in /proc/kallsyms. */
  readonly function: string;
  /** The module that the function is in. Needed only if the kernel or another module has one of the same name. */
  readonly module?: string | undefined;
  /** Bytes from the function's start. Default: 0 */
  readonly offset?: number | undefined;
  /** Attaches to the function's return instead of its start. */
  readonly return?: boolean | undefined;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
}

const NONE =
  'the kernel has no such function to probe: see /proc/kallsyms, and the other names that inlining and cloning left (NAME.isra.0)';
const SEVERAL = 'several functions of the kernel have this name, and probes by name cannot tell them apart';

/** Why the kernel finds no function to probe, or more than one. */
function whyNotProbed({ function: name, module }: KprobeOptions): string {
  const found = kernelFunctionsNamed(name);
  if (found === undefined) return `${NONE}; or ${SEVERAL}`;
  if (found.length === 0) return NONE;
  const places = [...new Set(found.map((each) => each.module))];
  if (module !== undefined && !places.includes(module)) {
    const where = places.map((each) => (each === undefined ? 'in the kernel itself' : `in module ${each}`));
    return `module ${module} is not loaded or has no such function: it is ${where.join(' and ')}`;
  }
  if (found.length === 1 || module !== undefined) return 'it cannot be probed, or not at this offset';
  const modules = places.filter((each) => each !== undefined);
  return modules.length === 0
    ? SEVERAL
    : `${SEVERAL}: give the module, ${modules.join(' or ')}, if one is meant`;
}

/** Attaches to a place that has been checked. `place` is the text for errors. */
export function attachToKernelFunction(program: Program, options: KprobeOptions, place: string): Link {
  const { function: name, module, offset = 0, return: atReturn = false, cookie } = options;
  const full = module === undefined ? name : `${module}:${name}`;
  const attempt: Attempt = {
    program,
    target: `${atReturn ? 'return of ' : ''}${place}`,
    explain: {
      ...refusedPerfEvent({
        capability: 'perfmon',
        other: () => insteadOfKprobe(program, full, atReturn, offset),
      }),
      ENOENT: () => whyNotProbed(options),
      EADDRNOTAVAIL: () => whyNotProbed(options),
      EINVAL: () =>
        tooOld(LINK_TO_PERF_EVENT) ??
        'it cannot be probed (see the blacklist kprobes/blacklist in debugfs), or not at this offset',
      EILSEQ: 'no instruction starts at this offset',
    },
  };
  const config1 = cText('attachKprobe: function', full);
  const source = probeSource(attempt, 'kprobe');
  const config = atReturn ? 1n << BigInt(source.bit('retprobe')) : 0n;
  const attr = { type: source.type, config, config1, config2: offset };
  return attachToPerfEvent(attempt, attr, { processId: -1, cpu: 'any' }, cookie);
}

/**
 * Attaches a program to a kernel function: at its start, at an instruction inside it, or at its return.
 *
 * Needs CAP_PERFMON in the initial user namespace, or CAP_SYS_ADMIN if `kernel.perf_event_paranoid` is 3 or more. Under
 * a BPF token, use {@link attachKprobeMulti}: the error names it, and the section to write instead. Linux >= 5.15. If
 * the link is forgotten, the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws NotSupportedError on a kernel without kprobes (CONFIG_KPROBE_EVENTS)
 * @throws BpfError `ERR_BPF_NO_SYSFS` if /sys is not mounted, `ENOENT` if there is no such function, `EADDRNOTAVAIL` if
 *   there are several, `EINVAL` if it must not be probed, `EPERM`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachKprobe(program: Program, options: KprobeOptions): Link {
  const what = 'attachKprobe';
  rejectUnknownOptions(what, options, ['function', 'module', 'offset', 'return', 'cookie']);
  checkType(what, program, ['kprobe'], options);
  const { function: name, module, offset = 0 } = options;
  cText(`${what}: function`, name);
  if (module !== undefined) {
    checkString(`${what}: module`, module);
    cText(`${what}: module`, module);
    if (name.includes(':'))
      throw new TypeError(`${what}: the function "${name}" names a module, and module does too`);
  }
  const at = offset === 0 ? '' : `+0x${offset.toString(16)}`;
  const [before, after] = /^([^:]*):(.*)$/.exec(name)?.slice(1) ?? [module, name];
  const place = `kernel function ${name}${at}${module === undefined ? '' : ` of module ${module}`}`;
  return attachToKernelFunction(program, { ...options, function: after ?? name, module: before }, place);
}

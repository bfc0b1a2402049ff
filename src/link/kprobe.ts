import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { onlineCpus, perfEventSource } from '../sys/index.ts';
import type { Link } from './link.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';
import { type Attempt, checkType, notSupported } from './problems.ts';
import { cText } from './text.ts';

/** Where {@link attachKprobe} attaches. */
export interface KprobeOptions {
  /** The kernel function, as /proc/kallsyms names it. */
  readonly function: string;
  /** Bytes from the function's start. Default: 0 */
  readonly offset?: number | undefined;
  /** Attaches to the function's return instead of its start. */
  readonly return?: boolean | undefined;
  /** A number that the program reads by `get_attach_cookie`. */
  readonly cookie?: bigint | undefined;
}

/**
 * Attaches a program to a kernel function, at its start, at an instruction within, or at its return.
 *
 * Needs CAP_PERFMON in the initial user namespace; under a BPF token, use {@link attachKprobeMulti}. Linux ≥ 5.15
 *
 * @throws NotSupportedError on a kernel without kprobes (CONFIG_KPROBE_EVENTS)
 * @throws BpfError `ENOENT` when there is no such function, `EINVAL` when it may not be probed, `EPERM`
 * @throws TypeError for wrong options, and for programs of another type
 */
export function attachKprobe(program: Program, options: KprobeOptions): Link {
  rejectUnknownOptions('attachKprobe', options, ['function', 'offset', 'return', 'cookie']);
  checkType('attachKprobe', program, ['kprobe'], options);
  const { function: name, offset = 0, return: atReturn = false, cookie } = options;
  const config1 = cText('attachKprobe: function', name);
  const at = offset === 0 ? '' : `+0x${offset.toString(16)}`;
  const missing =
    'the kernel has no such function to probe: see /proc/kallsyms, or the other names that inlining and cloning left (NAME.isra.0)';
  const attempt: Attempt = {
    program,
    target: `${atReturn ? 'return of ' : ''}kernel function ${name}${at}`,
    explain: {
      ...refusedPerfEvent('a link to functions by name (attachKprobeMulti) can be made there'),
      ENOENT: missing,
      EADDRNOTAVAIL: missing,
      EINVAL: 'it may not be probed (the blacklist in debugfs, kprobes/blacklist), or not at this offset',
      EILSEQ: 'no instruction starts at this offset',
    },
  };
  const source = perfEventSource('kprobe');
  if (source === undefined) {
    throw notSupported(
      attempt,
      'this kernel has no kprobes: it needs CONFIG_KPROBE_EVENTS=y',
      'kprobes',
      '4.17',
    );
  }
  const config = atReturn ? 1n << BigInt(source.bit('retprobe')) : 0n;
  const attr = { type: source.type, config, config1, config2: BigInt(offset) };
  const [cpu = 0] = onlineCpus();
  return attachToPerfEvent(attempt, attr, { processId: -1, cpu }, cookie);
}

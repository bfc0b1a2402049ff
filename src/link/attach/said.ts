import type { Program } from '../../program/index.ts';
import { parseUsdtTarget } from '../../sections/index.ts';
import { parseKprobeTarget } from '../kernel/kprobe-target.ts';
import type { Given } from './way.ts';

/** `sched/sched_switch` as the options of attachTracepoint. @throws TypeError if the name has no category */
export function tracepointName(attachTo: string | undefined): Given {
  if (attachTo === undefined) return {};
  const [category, name, more] = attachTo.split('/');
  if (name !== undefined && more === undefined) return { category, name };
  throw new TypeError(`a tracepoint is written CATEGORY/NAME, such as sched/sched_switch, not "${attachTo}"`);
}

/** The types of programs that have several places in a cgroup. */
const SEVERAL: ReadonlySet<string> = new Set(['cgroup_skb', 'cgroup_sock_addr', 'cgroup_sockopt']);

/** What attachCgroup still needs. */
export function cgroupMissing({ cgroup, attachType }: Given, program: Program): string | undefined {
  if (cgroup === undefined) return 'give cgroup';
  if (attachType !== undefined || program.attachType !== undefined || !SEVERAL.has(program.type))
    return undefined;
  return 'give attachType';
}

/** The iterators over the elements of a map. */
const OVER_MAPS: ReadonlySet<string> = new Set(['bpf_map_elem', 'bpf_sk_storage_map', 'sockmap']);

/** What attachIterator still needs. */
export function iteratorMissing({ map }: Given, { attachTo }: Program): string | undefined {
  return map === undefined && OVER_MAPS.has(attachTo ?? '') ? 'give map' : undefined;
}

/** `do_unlinkat+0x10` as the options of attachKprobe. @throws TypeError if it is written in another way */
export function kernelFunction(attachTo: string | undefined): Given {
  if (attachTo === undefined) return {};
  const target = parseKprobeTarget(attachTo);
  if (target !== undefined) return { ...target };
  throw new TypeError(
    `a kernel function is written NAME, NAME+OFFSET or MODULE:NAME, such as do_unlinkat+0x10, not "${attachTo}"`,
  );
}

/** `libc.so.6:libc:setjmp` as the options of attachUsdt. @throws TypeError if it is written in another way */
export function usdtProbe(attachTo: string | undefined): Given {
  if (attachTo === undefined) return {};
  const target = parseUsdtTarget(attachTo);
  if (target !== undefined) return { ...target };
  throw new TypeError(
    `a USDT probe is written PATH:PROVIDER:NAME, such as libc.so.6:libc:setjmp, not "${attachTo}"`,
  );
}

/** What is missing where functions or a pattern say where. */
export function functionsMissing({ functions, pattern }: Given): string | undefined {
  return functions === undefined && pattern === undefined ? 'give functions or pattern' : undefined;
}

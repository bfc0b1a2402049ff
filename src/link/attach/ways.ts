import type { AttachType, NumberText } from '../../abi/index.ts';
import type { Program } from '../../program/index.ts';
import { attachIterator } from '../iterator/iterator.ts';
import { attachPerfEvent } from '../kernel/perf-event.ts';
import { attachRawTracepoint } from '../kernel/raw-tracepoint.ts';
import { attachTracepoint } from '../kernel/tracepoint.ts';
import { attachTracing } from '../kernel/tracing.ts';
import { attachTracingMulti } from '../kernel/tracing-multi.ts';
import { attachCgroup } from '../network/cgroup.ts';
import { kprobeWay } from './kprobe-ways.ts';
import { NETWORK } from './network-ways.ts';
import { cgroupMissing, functionsMissing, iteratorMissing, tracepointName } from './said.ts';
import { by, type NoWay, needs, reason, type Way } from './way.ts';

const cgroup: Way = {
  attach: by(attachCgroup),
  place: { from: 'cgroup', to: 'cgroup' },
  missing: cgroupMissing,
};
const tracepoint: Way = {
  attach: by(attachTracepoint),
  said: (_, attachTo) => tracepointName(attachTo),
  missing: needs('category', 'name'),
};
const rawTracepoint: Way = {
  attach: by(attachRawTracepoint),
  said: (_, name) => (name === undefined ? {} : { name }),
  missing: needs('name'),
};
const tracing: Way = { attach: by(attachTracing) };
const tracingMulti: Way = {
  attach: by(attachTracingMulti),
  said: (_, pattern, { functions }) => (pattern === undefined || functions !== undefined ? {} : { pattern }),
  missing: functionsMissing,
};
const iterator: Way = { attach: by(attachIterator), missing: iteratorMissing };
const perfEvent: Way = { attach: by(attachPerfEvent), missing: needs('event') };

const NOT_ATTACHED: { readonly [type: string]: NoWay } = {
  syscall: reason('it is run with testRun, not attached'),
  struct_ops: reason('it is part of a struct_ops, which is registered as a whole'),
};

function tracingWay(attachType: AttachType | NumberText | undefined): Way {
  if (attachType === 'trace_iter') return iterator;
  if (attachType?.endsWith('_multi')) return tracingMulti;
  return attachType === 'lsm_cgroup' ? cgroup : tracing;
}

/** How a program is attached, or why not. */
export function wayOf(program: Program): Way | NoWay {
  const { type, attachType } = program;
  switch (type) {
    case 'cgroup_skb':
    case 'cgroup_sock':
    case 'cgroup_sock_addr':
    case 'cgroup_sockopt':
    case 'cgroup_device':
    case 'cgroup_sysctl':
    case 'sock_ops':
      return cgroup;
    case 'tracepoint':
      return tracepoint;
    case 'raw_tracepoint':
    case 'raw_tracepoint_writable':
      return rawTracepoint;
    case 'tracing':
    case 'lsm':
    case 'ext':
      return tracingWay(attachType);
    case 'perf_event':
      return perfEvent;
    case 'kprobe':
      return kprobeWay(program);
    default:
      return (
        NETWORK[type]?.(program) ?? NOT_ATTACHED[type] ?? reason(`programs of type ${type} are not attached`)
      );
  }
}

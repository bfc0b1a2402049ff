import type { AttachType, NumberText } from '../../abi/index.ts';
import type { Program } from '../../program/index.ts';
import { parseSectionName } from '../../sections/index.ts';
import { attachCgroup } from '../cgroup.ts';
import { attachIterator } from '../iterator.ts';
import { attachKprobe } from '../kprobe.ts';
import { attachKprobeMulti } from '../kprobe-multi.ts';
import { attachKsyscall } from '../ksyscall.ts';
import { attachNetfilter } from '../netfilter.ts';
import { attachFlowDissector, attachSkLookup } from '../netns.ts';
import { attachPerfEvent } from '../perf-event.ts';
import { attachRawTracepoint } from '../raw-tracepoint.ts';
import { attachTcx } from '../tcx.ts';
import { attachTracepoint } from '../tracepoint.ts';
import { attachTracing } from '../tracing.ts';
import { attachUprobe } from '../uprobe.ts';
import { attachUprobeMulti } from '../uprobe-multi.ts';
import { parseUprobeMultiTarget, parseUprobeTarget } from '../uprobe-target.ts';
import { attachUsdt } from '../usdt/attach-usdt.ts';
import { attachXdp } from '../xdp.ts';
import { cgroupMissing, iteratorMissing, kernelFunction, tracepointName, usdtProbe } from './said.ts';
import type { Given, NoWay, Way } from './way.ts';

/** An attach function, with options that are not checked yet: the function checks them itself. */
type AnyAttach = (program: Program, options: never) => ReturnType<Way['attach']>;

const by = (attach: AnyAttach): Way['attach'] => attach as Way['attach'];

/** Says which of these options are missing. */
function needs(...names: readonly string[]): (options: Given) => string | undefined {
  return (options) => {
    const missing = names.filter((name) => options[name] === undefined);
    if (missing.length === 0) return undefined;
    return `give ${missing.length < 2 ? missing[0] : `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)}`}`;
  };
}

const INTERFACE: Way['place'] = { from: 'interface', to: 'interface' };
const NAMESPACE: Way['place'] = { from: 'netns', to: 'namespace' };

const xdp: Way = { attach: by(attachXdp), place: INTERFACE, missing: needs('interface') };
const tcx: Way = {
  attach: by(attachTcx),
  place: INTERFACE,
  said: ({ attachType }) => {
    if (attachType !== 'tcx_ingress' && attachType !== 'tcx_egress') return {};
    return { direction: attachType === 'tcx_ingress' ? 'ingress' : 'egress' };
  },
  missing: needs('interface', 'direction'),
};
const netfilter: Way = { attach: by(attachNetfilter), missing: needs('family', 'hook', 'priority') };
const skLookup: Way = { attach: by(attachSkLookup), place: NAMESPACE, onlyIfNamed: true };
const flowDissector: Way = { attach: by(attachFlowDissector), place: NAMESPACE, onlyIfNamed: true };
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
const iterator: Way = { attach: by(attachIterator), missing: iteratorMissing };
const perfEvent: Way = { attach: by(attachPerfEvent), missing: needs('event') };

/** What programs of type `kprobe` do at functions: they run at the start, at the return, or at both (sessions). */
const RETURN: Given = { return: true };

const kprobe: Way = {
  attach: by(attachKprobe),
  said: (_, attachTo) => kernelFunction(attachTo),
  missing: needs('function'),
};
const ksyscall: Way = {
  attach: by(attachKsyscall),
  said: (_, name) => (name === undefined ? {} : { name }),
  missing: needs('name'),
};
const kprobeMulti: Way = {
  attach: by(attachKprobeMulti),
  said: (_, pattern, { functions }) => (pattern === undefined || functions !== undefined ? {} : { pattern }),
  missing: ({ functions, pattern }) =>
    functions === undefined && pattern === undefined ? 'give functions or pattern' : undefined,
};
const uprobe: Way = {
  attach: by(attachUprobe),
  said: (_, attachTo) => (attachTo === undefined ? {} : parseUprobeTarget(attachTo)),
  missing: needs('path'),
};
const uprobeMulti: Way = {
  attach: by(attachUprobeMulti),
  said: (_, attachTo, { places, pattern }) => {
    if (attachTo === undefined) return {};
    const { path, ...said } = parseUprobeMultiTarget(attachTo);
    return places === undefined && pattern === undefined ? { path, ...said } : { path };
  },
  missing: needs('path'),
};
const usdt: Way = {
  attach: by(attachUsdt),
  said: (_, attachTo) => usdtProbe(attachTo),
  missing: needs('path', 'provider', 'name'),
};

const atReturn = (way: Way): Way => ({ ...way, said: (...of) => ({ ...way.said?.(...of), ...RETURN }) });

/** Programs of type `kprobe` by the names of their sections, without `.s`: the type alone does not say which kind. */
const KPROBES: { readonly [section: string]: Way } = {
  kprobe,
  kretprobe: atReturn(kprobe),
  ksyscall,
  kretsyscall: atReturn(ksyscall),
  'kprobe.multi': kprobeMulti,
  'kretprobe.multi': atReturn(kprobeMulti),
  'kprobe.session': kprobeMulti,
  uprobe,
  uretprobe: atReturn(uprobe),
  'uprobe.multi': uprobeMulti,
  'uretprobe.multi': atReturn(uprobeMulti),
  'uprobe.session': uprobeMulti,
  usdt,
};

/** The same by attach types, for programs without a section. */
const BY_ATTACH_TYPE: { readonly [type: string]: Way } = {
  trace_kprobe_multi: kprobeMulti,
  trace_kprobe_session: kprobeMulti,
  trace_uprobe_multi: uprobeMulti,
  trace_uprobe_session: uprobeMulti,
};

function reason(text: string): NoWay {
  return { reason: text };
}

const NOT_ATTACHED: { readonly [type: string]: NoWay } = {
  syscall: reason('it is run with testRun, not attached'),
  struct_ops: reason('it is part of a struct_ops, which is registered as a whole'),
};

function kprobeWay({ attachType, section }: Program): Way | NoWay {
  const kind = section === undefined ? undefined : parseSectionName(section)?.kind.name.replace(/\.s$/, '');
  const found = KPROBES[kind ?? ''] ?? BY_ATTACH_TYPE[attachType ?? ''];
  if (found !== undefined) return found;
  return reason(
    'nothing says whether it is for functions of the kernel or of files: use attachKprobe, attachUprobe or the like',
  );
}

function tracingWay(attachType: AttachType | NumberText | undefined): Way {
  if (attachType === 'trace_iter') return iterator;
  return attachType === 'lsm_cgroup' ? cgroup : tracing;
}

/** How a program is attached, or why not. */
export function wayOf(program: Program): Way | NoWay {
  const { type, attachType } = program;
  switch (type) {
    case 'xdp':
      if (attachType === 'xdp_devmap' || attachType === 'xdp_cpumap') {
        return reason(
          `it runs for the entries of a ${attachType.slice(4)} that name it, and is not attached`,
        );
      }
      return xdp;
    case 'sched_cls':
      return tcx;
    case 'netfilter':
      return netfilter;
    case 'sk_lookup':
      return skLookup;
    case 'flow_dissector':
      return flowDissector;
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
      return NOT_ATTACHED[type] ?? reason(`programs of type ${type} are not attached by this library`);
  }
}

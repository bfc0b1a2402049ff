import type { Program } from '../../program/index.ts';
import { parseSectionName } from '../../sections/index.ts';
import { attachUprobe } from '../file/uprobe.ts';
import { attachUprobeMulti } from '../file/uprobe-multi.ts';
import { parseUprobeMultiTarget, parseUprobeTarget } from '../file/uprobe-target.ts';
import { attachUsdt } from '../file/usdt/attach-usdt.ts';
import { attachKprobe } from '../kernel/kprobe.ts';
import { attachKprobeMulti } from '../kernel/kprobe-multi.ts';
import { attachKsyscall } from '../kernel/ksyscall.ts';
import { functionsMissing, kernelFunction, usdtProbe } from './said.ts';
import { by, type Given, type NoWay, needs, reason, type Way } from './way.ts';

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
  missing: functionsMissing,
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

/** How a program of type `kprobe` is attached, or why not. */
export function kprobeWay({ attachType, section }: Program): Way | NoWay {
  const kind = section === undefined ? undefined : parseSectionName(section)?.kind.name.replace(/\.s$/, '');
  const found = KPROBES[kind ?? ''] ?? BY_ATTACH_TYPE[attachType ?? ''];
  if (found !== undefined) return found;
  return reason(
    'nothing says whether it is for functions of the kernel or of files: use attachKprobe, attachUprobe or the like',
  );
}

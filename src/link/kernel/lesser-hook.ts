/** Hooks that do the same as a refused one and need fewer rights to attach to. */
import type { Program } from '../../program/index.ts';
import { kernelHas } from '../kernel-types.ts';

/** `write SEC("a/x") or SEC("b/x") instead of SEC("c/x")`; empty if the program does not know its section. */
export function lineToChange({ section }: Program, better: readonly string[]): string {
  if (section === undefined || better.length === 0) return '';
  return `: write ${better.map((name) => `SEC("${name}")`).join(' or ')} instead of SEC("${section}")`;
}

/** Instead of a kprobe: a link to functions by name, or a function of kernel BTF, if this kernel has them. */
export function insteadOfKprobe(program: Program, name: string, atReturn: boolean, offset: number): string {
  const way = 'links to functions by name (attachKprobeMulti) need no capability to attach';
  if (offset !== 0) return `${way}, but run at the start of a function only`;
  const better: string[] = [];
  const plain = name.replace(/^.*:/, '');
  // This function is there if the kernel was built with CONFIG_FPROBE.
  if (kernelHas('func', 'register_fprobe_ips') === true) {
    better.push(`${atReturn ? 'kretprobe' : 'kprobe'}.multi/${plain}`);
  }
  if (kernelHas('func', plain) === true) better.push(`${atReturn ? 'fexit' : 'fentry'}/${plain}`);
  return `${way}${lineToChange(program, better)}`;
}

/** The number that the name of a system call's tracepoint stands for. Some have the name of an older function. */
const NEW = /^new(?=(stat|lstat|fstat|uname)$)/;

/** Instead of a tracepoint: its raw form, or that of all system calls. */
export function insteadOfTracepoint(program: Program, category: string, name: string): string {
  const way = 'raw tracepoints (attachRawTracepoint) need no capability to attach';
  const call = category === 'syscalls' ? /^sys_(enter|exit)_(.*)$/.exec(name) : null;
  const raw = call === null ? name : `sys_${call[1]}`;
  if (kernelHas('typedef', `btf_trace_${raw}`) !== true) return way;
  const line = lineToChange(program, [`raw_tp/${raw}`, `tp_btf/${raw}`]);
  if (call === null) return `${way}${line}`;
  const number = `__NR_${(call[2] ?? '').replace(NEW, '')}`;
  const check =
    call[1] === 'enter'
      ? `begin with "if (ctx->args[1] != ${number}) return 0;"`
      : `compare the number in the registers, ctx->args[0], with ${number}`;
  return `${way}${line === '' ? `: name "${raw}"` : line}, which runs for every system call: ${check}`;
}

import { BpfError } from '../errors/index.ts';
import type { Fd } from './fd.ts';

const { readlinkSync } = process.getBuiltinModule('node:fs');

/** The kinds of BPF objects that a descriptor can stand for. */
export type ObjectKind = 'map' | 'program' | 'link' | 'btf';

const KINDS: readonly (readonly [RegExp, ObjectKind])[] = [
  [/^anon_inode:\[?bpf-map\]?$/, 'map'],
  [/^anon_inode:\[?bpf-prog\]?$/, 'program'],
  [/^anon_inode:\[?bpf_link\]?$/, 'link'],
  [/^anon_inode:\[?btf\]?$/, 'btf'],
];

/** What a descriptor leads to, according to /proc. */
function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/**
 * The kind of BPF object that a descriptor stands for, as /proc/self/fd names it; `undefined` if it is not one of these
 * kinds, or if /proc does not say.
 */
export function objectKind(fd: number): ObjectKind | undefined {
  const target = targetOf(fd);
  return target === undefined ? undefined : KINDS.find(([pattern]) => pattern.test(target))?.[1];
}

/** Whether a descriptor stands for a BPF object, tokens included; `undefined` if /proc does not say. */
export function isBpfObject(fd: number): boolean | undefined {
  const target = targetOf(fd);
  return target === undefined ? undefined : /^anon_inode:\[?(bpf|btf)/.test(target);
}

const NAMES: Readonly<Record<ObjectKind, string>> = {
  map: 'a map',
  program: 'a program',
  link: 'a link',
  btf: 'BTF',
};

/**
 * Refuses a descriptor of another kind of object, as far as /proc shows the kind.
 *
 * @param action - completes "Cannot ..."
 * @throws BpfError `ERR_BPF_WRONG_OBJECT`
 */
export function checkKind(
  fd: Fd,
  kind: ObjectKind,
  action: string = `open ${fd.what} as ${NAMES[kind]}`,
): void {
  const found = objectKind(fd.value);
  if (found === undefined || found === kind) return;
  throw new BpfError(`Cannot ${action}: it is ${NAMES[found]}`, { code: 'ERR_BPF_WRONG_OBJECT' });
}

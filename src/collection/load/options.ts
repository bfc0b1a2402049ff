import { checkTypes } from '../../btf/check-types.ts';
import type { BtfTypes } from '../../btf/index.ts';
import {
  checkObject,
  checkOwner,
  checkPath,
  checkString,
  rejectUnknownOptions,
  wrongType,
} from '../../errors/index.ts';
import type { BpfMap } from '../../map/index.ts';
import { checkLogOptions } from '../../program/attempts.ts';
import type { Program } from '../../program/index.ts';
import type { TokenOption } from '../../token/commands.ts';
import type { KconfigValue } from '../externs/kconfig-value.ts';

/** Another BPF program that a program of the collection goes to: replaces a function of it, or traces it. */
export interface ProgramTarget {
  readonly program: Program;
  /** Default: what the section's name says after the `/`. */
  readonly function?: string | undefined;
}

/** How an object file is loaded. */
export interface CollectionOptions {
  /** Which BPF token to use. Default: the first that helps, for each object. */
  readonly token?: TokenOption | undefined;
  /** Optional programs (`SEC("?…")`) that shall be loaded too, by name; or `all` of them. Default: none. */
  readonly programs?: 'all' | readonly string[] | undefined;
  /** Maps that exist already and take the place of the object's. They stay the caller's. */
  readonly maps?: { readonly [name: string]: BpfMap } | undefined;
  /** First values of global variables, constant ones too. */
  readonly variables?: { readonly [name: string]: unknown } | undefined;
  /** Values of the kernel's configuration, in the place of the running kernel's. */
  readonly kconfig?: { readonly [name: string]: KconfigValue } | undefined;
  /** The folder for maps that are pinned by name. Default: `/sys/fs/bpf`. */
  readonly pinPath?: string | undefined;
  /** The types that CO-RE relocations are resolved with. Default: those of the running kernel. */
  readonly targetBtf?: BtfTypes | undefined;
  /** The programs that programs of the collection go to, by the name of the latter. */
  readonly targets?: { readonly [program: string]: ProgramTarget } | undefined;
  /** What the verifier is to log, see `Program.load`. */
  readonly logLevel?: number | undefined;
  /** First size of the log buffer in bytes, see `Program.load`. */
  readonly logSize?: number | undefined;
}

const KNOWN: readonly (keyof CollectionOptions)[] = [
  'token',
  'programs',
  'maps',
  'variables',
  'kconfig',
  'pinPath',
  'targetBtf',
  'targets',
  'logLevel',
  'logSize',
];

/** @throws TypeError, RangeError for unknown and wrong options */
export function checkOptions(options: CollectionOptions): void {
  const what = 'Collection.load';
  rejectUnknownOptions(what, options, KNOWN);
  checkLogOptions(what, options);
  const { programs, pinPath, targetBtf } = options;
  if (programs !== undefined && programs !== 'all') {
    if (!Array.isArray(programs))
      throw wrongType(`${what}: programs`, 'an array of names, or "all"', programs);
    for (const [index, name] of programs.entries()) checkString(`${what}: programs[${index}]`, name);
  }
  for (const name of ['maps', 'variables', 'kconfig', 'targets'] as const) {
    if (options[name] !== undefined) checkObject(`${what}: ${name}`, options[name]);
  }
  for (const [name, target] of Object.entries(options.targets ?? {})) {
    if (target === undefined) continue;
    checkObject(`${what}: targets.${name}`, target);
    checkOwner(`${what}: targets.${name}.program`, target.program, 'a Program');
  }
  if (pinPath !== undefined) checkPath(`${what}: pinPath`, pinPath);
  if (targetBtf !== undefined) checkTypes(`${what}: targetBtf`, targetBtf);
}

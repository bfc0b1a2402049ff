import { kernelConfigProblem } from '../../sys/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { externError } from './extern-error.ts';
import { type KconfigValue, writeKconfig } from './kconfig-value.ts';
import { kconfigOf } from './kernel-config.ts';

/** What the values depend on besides the running kernel. */
export interface KconfigOptions {
  /** Values that take precedence over those of the kernel. */
  readonly given: { readonly [name: string]: KconfigValue };
  /** What refers to a value, such as `program "count"`; `undefined` when nothing does. */
  readonly userOf: (name: string) => string | undefined;
}

/**
 * The contents of an object's map of configuration values. Values that nothing refers to are 0, and so are weak ones
 * that neither the options nor the kernel have.
 *
 * @throws BpfError `ERR_BPF_EXTERN`
 */
export function kconfigContents(spec: CollectionSpec, size: number, options: KconfigOptions): Uint8Array {
  const contents = new Uint8Array(size);
  const { btf: types } = spec;
  if (types === undefined) return contents;
  for (const { name, kind, typeId, offset, size: length, weak } of Object.values(spec.externs)) {
    if (kind !== 'kconfig') continue;
    const user = options.userOf(name);
    if (user === undefined) continue;
    const given = Object.hasOwn(options.given, name) ? options.given[name] : undefined;
    const value = given ?? kconfigOf(name);
    if (value === undefined) {
      if (weak) continue;
      throw externError(name, kind, user, missing(name));
    }
    try {
      writeKconfig({ types, typeId, bytes: contents.subarray(offset, offset + length) }, value);
    } catch (cause) {
      if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
      throw externError(name, kind, user, cause.message);
    }
  }
  return contents;
}

function missing(name: string): string {
  if (!name.startsWith('CONFIG_')) return 'this library does not know this value';
  const problem = kernelConfigProblem();
  const why =
    problem === undefined
      ? 'the running kernel was built without it'
      : `the configuration of the running kernel is not known: ${problem}`;
  return `${why}: declare it __weak, or give it in options.kconfig`;
}

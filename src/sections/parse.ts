import { checkString, nearNames } from '../errors/index.ts';
import { type SectionKind, sectionKinds } from './table.ts';

/** A program section's name, taken apart. */
export interface ParsedSection {
  readonly kind: SectionKind;
  /** The function, tracepoint or path to attach to: what follows the kind and a `/`. */
  readonly attachTo: string | undefined;
  /** False for names that begin with `?`: such a program is loaded only if you ask for it. */
  readonly autoload: boolean;
}

/** The kinds, as they are looked for. */
interface Lookup {
  readonly byName: ReadonlyMap<string, SectionKind>;
  /** Those that nothing may follow, the longest first. */
  readonly closed: readonly SectionKind[];
}

let lookup: Lookup | undefined;

function kinds(): Lookup {
  lookup ??= {
    byName: new Map(sectionKinds().map((kind) => [kind.name, kind])),
    closed: sectionKinds()
      .filter(({ tail }) => tail === 'none')
      .sort((a, b) => b.name.length - a.name.length),
  };
  return lookup;
}

/**
 * Reads a name that means nothing to libbpf as cilium/ebpf does. Its kind is that of the longest name it begins with
 * (`socket/filter`, `xdp_pass`, `classifier/ingress`). A word must end there. A name that is nearly a longer one is a
 * mistake: `tc/ingres` is not a `tc`.
 */
function loosely(name: string): SectionKind | undefined {
  const kind = kinds().closed.find(
    (each) => name.startsWith(each.name) && !/^[a-z]/i.test(name.slice(each.name.length)),
  );
  if (kind === undefined) return undefined;
  const begun = name.slice(0, kind.name.length + 1);
  return nearSectionNames(name).some((near) => near.startsWith(begun)) ? undefined : kind;
}

/**
 * Reads the name of a program section, as written in `SEC("...")`. Reads it as libbpf does, or if it means nothing to
 * libbpf, as cilium/ebpf does.
 *
 * @returns `undefined` for names that do not say what type the programs are of
 * @throws TypeError when the name is not a string
 */
export function parseSectionName(name: string): ParsedSection | undefined {
  checkString('parseSectionName: name', name);
  const autoload = !name.startsWith('?');
  const rest = autoload ? name : name.slice(1);
  const { byName } = kinds();
  const exact = byName.get(rest);
  if (exact !== undefined) return { kind: exact, attachTo: undefined, autoload };
  const slash = rest.indexOf('/');
  const kind = slash === -1 ? undefined : byName.get(rest.slice(0, slash));
  if (kind?.tail === 'target') return { kind, attachTo: rest.slice(slash + 1) || undefined, autoload };
  const loose = loosely(rest);
  return loose === undefined ? undefined : { kind: loose, attachTo: undefined, autoload };
}

/** Section names that look like this one, for errors. @throws TypeError when the name is not a string */
export function nearSectionNames(name: string): string[] {
  checkString('nearSectionNames: name', name);
  return nearNames(name.replace(/^\?/, ''), kinds().byName.keys());
}

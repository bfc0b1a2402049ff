import { nearNames } from '../../errors/index.ts';
import { type SectionKind, sectionKinds } from './table.ts';

/** A program section's name, taken apart. */
export interface ParsedSection {
  readonly kind: SectionKind;
  /** What stands after the kind and a `/`: the function, tracepoint or path to attach to. */
  readonly attachTo: string | undefined;
  /** False for names that begin with `?`: such a program is loaded only when it is asked for. */
  readonly autoload: boolean;
}

const byName = new Map(sectionKinds.map((kind) => [kind.name, kind]));

/**
 * Reads the name of a program section, as `SEC("…")` gives it.
 *
 * @returns `undefined` for names that do not say what type the programs are of
 */
export function parseSectionName(name: string): ParsedSection | undefined {
  const autoload = !name.startsWith('?');
  const rest = autoload ? name : name.slice(1);
  const exact = byName.get(rest);
  if (exact !== undefined) return { kind: exact, attachTo: undefined, autoload };
  const slash = rest.indexOf('/');
  if (slash === -1) return undefined;
  const kind = byName.get(rest.slice(0, slash));
  if (kind?.tail !== 'target') return undefined;
  return { kind, attachTo: rest.slice(slash + 1) || undefined, autoload };
}

/** Section names that look like this one, for errors. */
export function nearSectionNames(name: string): string[] {
  return nearNames(name.replace(/^\?/, ''), byName.keys());
}

import { checkString } from '../../errors/index.ts';
/** The separator between a name and its flavour. */
export const SEPARATOR = '___';

/**
 * A name without its flavour. The flavour follows the last triple underscore that has no further underscore beside it.
 * `task_struct___v6` and `task_struct` are both `task_struct`.
 */
export function essentialName(name: string): string {
  checkString('essentialName: name', name);
  for (let at = name.lastIndexOf(SEPARATOR); at > 0; at = name.lastIndexOf(SEPARATOR, at - 1)) {
    const behind = name[at + SEPARATOR.length];
    if (name[at - 1] !== '_' && behind !== undefined && behind !== '_') return name.slice(0, at);
  }
  return name;
}

/**
 * Whether two names are the same without their flavours. An anonymous type has the same name only as anonymous types.
 */
export function sameName(a: string, b: string): boolean {
  return a === b || essentialName(a) === essentialName(b);
}

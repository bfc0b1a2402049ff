import { ALL, findBit, type Permission, type PermissionKind } from './names.ts';
import { NUMBER } from './parse.ts';

/** The text that the kernel shows for one kind of permission; `undefined` when it shows none. */
export type ShownText = (kind: PermissionKind) => string | undefined;

/** Finds the `delegate_*` options of a bpffs line in /proc/PID/mountinfo. */
export function textInMountOptions(options: readonly string[]): ShownText {
  return (kind) => {
    const key = `delegate_${kind}=`;
    return options.find((option) => String(option).startsWith(key))?.slice(key.length);
  };
}

/** Finds the permissions in /proc/PID/fdinfo/FD of a token; `undefined` when that is not a token's. */
export function textInFdinfo(text: string): ShownText | undefined {
  const lines = new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  return lines.has('allowed_cmds') ? (kind) => lines.get(`allowed_${kind}`) : undefined;
}

/**
 * The mask of a text that the kernel wrote. Names and numbers may be mixed, and all of them count.
 *
 * @param unknown - takes names that the library does not know
 */
export function shownMask(kind: PermissionKind, text: string, unknown: Permission[]): bigint {
  let mask = 0n;
  for (const word of text.split(':')) {
    const bit = findBit(kind, word);
    if (word === 'any') mask = ALL;
    else if (NUMBER.test(word)) mask |= BigInt(word) & ALL;
    else if (bit !== undefined) mask |= 1n << BigInt(bit);
    else if (word !== '') unknown.push({ option: `delegate_${kind}`, name: word });
  }
  return mask;
}

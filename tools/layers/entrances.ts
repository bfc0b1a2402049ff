import { dirname } from 'node:path';
import type { Imports } from './imports.ts';

/** Modules that other folders import in addition to the index, each for a reason. */
export const SIDE_ENTRANCES: readonly string[] = [
  // Maps, programs and BTF need the four commands. The index would bring all of tokens whenever the package is imported.
  'token/commands.ts',
  // Processes that run tests under a token are started often. They load these, without the rest of their layers.
  'sys/fd.ts',
  'sys/inventory.ts',
  'sys/mountinfo.ts',
  'sys/seccomp.ts',
  // Shared inside the library. The indexes of these folders are paths of the package, and users have no need of it.
  'btf/own-ids.ts',
  'elf/functions.ts',
  'elf/header.ts',
];

/**
 * Finds imports past an index. If a folder has an `index.ts`, modules outside that folder may import only this file of
 * it. For a module deep inside, the nearest such folder counts: `btf/core/index.ts` may be imported, although `btf` has
 * an index too.
 */
export function importsPastIndex(imports: Imports, sideEntrances: readonly string[]): string[] {
  const unused = new Set(sideEntrances);
  const problems: string[] = [];
  for (const [name, targets] of imports) {
    for (const target of targets) {
      const folder = imports.has(target) ? folderWithIndex(target, imports) : undefined;
      if (folder === undefined || name.startsWith(`${folder}/`) || target === `${folder}/index.ts`) continue;
      unused.delete(target);
      if (!sideEntrances.includes(target)) {
        problems.push(`src/${name}: imports ${target}, past the index of src/${folder}`);
      }
    }
  }
  for (const entrance of unused)
    problems.push(`src/${entrance}: listed as a side entrance, but nobody uses it`);
  return problems;
}

function folderWithIndex(module: string, imports: Imports): string | undefined {
  for (let folder = dirname(module); folder !== '.'; folder = dirname(folder)) {
    if (imports.has(`${folder}/index.ts`)) return folder;
  }
  return undefined;
}

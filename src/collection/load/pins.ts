import { makePinFolder, removePin, removePinFolder } from '../../sys/index.ts';

const { join } = process.getBuiltinModule('node:path');

/** The path for the pin of something with this name. Dots become `_`, because a bpffs takes no dots. */
export function pinPathOf(folder: string, name: string): string {
  return join(folder, name.replaceAll('.', '_'));
}

/** Pins maps and programs in a folder, all or none. Those that are already pinned there stay as they are. */
export function pinAll(
  folder: string,
  things: Iterable<readonly [string, { pin(path: string): void }]>,
  pinned: ReadonlySet<string>,
): void {
  const made = makePinFolder(folder);
  const done: string[] = [];
  try {
    for (const [name, thing] of things) {
      const path = pinPathOf(folder, name);
      if (pinned.has(path)) continue;
      thing.pin(path);
      done.push(path);
    }
  } catch (error) {
    for (const path of done) removePin(path);
    if (made) removePinFolder(folder);
    throw error;
  }
}

import { fileError } from '../errors/index.ts';
import { whyNotMade } from './pin-problems.ts';

const { mkdirSync, rmdirSync } = process.getBuiltinModule('node:fs');

/**
 * Makes a folder for pins if there is none. The folder above it must exist.
 *
 * @returns whether it was made
 * @throws BpfError with Node's code
 */
export function makePinFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(`make the folder ${path} for pins`, cause, (code) => whyNotMade(path, code));
  }
}

/** Removes a folder that {@link makePinFolder} made, unless there is something in it. */
export function removePinFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) throw error;
  }
}

/** Finds the programs and libraries that users name. */
export { type Executable, resolveExecutable } from './resolve.ts';

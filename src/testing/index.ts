/** Testing under a BPF token: `ebpf-ts/testing`. */
import { createRequire } from 'node:module';
import type { spawnWithToken as SpawnWithToken } from './spawn-with-token.ts';

export { type RunWithTokenOptions, runWithToken } from './run-with-token.ts';
export type { DelegatedMount, SpawnWithTokenOptions, TokenEnvironment } from './spawn-with-token.ts';

const require = createRequire(import.meta.url);

// Loaded at the first call: a test that runs under a token starts faster without it.
/** See {@link SpawnWithToken}. */
export const spawnWithToken: typeof SpawnWithToken = (...args) =>
  (require('./spawn-with-token.js') as typeof import('./spawn-with-token.ts')).spawnWithToken(...args);

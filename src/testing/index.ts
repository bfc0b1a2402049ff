/// <reference types="node" preserve="true" />
/** Testing under a BPF token: `ebpf-ts/testing`. */
import { createRequire } from 'node:module';
import type { runWithEachPermissionRemoved as RunWithEachPermissionRemoved } from './run-with-each-permission-removed.ts';
import type { skipUnlessSupported as SkipUnlessSupported } from './skip-unless-supported.ts';
import type { spawnWithToken as SpawnWithToken } from './spawn-with-token.ts';
import type { withCapabilities as WithCapabilities } from './with-capabilities.ts';

export { BpfError, ClosedError, FormatError, NotSupportedError, TokenError } from '../errors/index.ts';
export type { RunWithTokenOptions } from './options.ts';
export { runWithToken } from './run-with-token.ts';
export type { Requirement } from './skip-unless-supported.ts';
export type { DelegatedMount, SpawnWithTokenOptions, TokenEnvironment } from './spawn-with-token.ts';

// Everything except runWithToken is loaded at its first call. The processes in which tests run under a token import
// this file each time anew, and start twice as fast without the rest of the library.
const require = createRequire(import.meta.url);

/** {@inheritDoc SpawnWithToken} */
export const spawnWithToken: typeof SpawnWithToken = (...args) =>
  (require('./spawn-with-token.js') as typeof import('./spawn-with-token.ts')).spawnWithToken(...args);

/** {@inheritDoc RunWithEachPermissionRemoved} */
export const runWithEachPermissionRemoved: typeof RunWithEachPermissionRemoved = (...args) =>
  (
    require('./run-with-each-permission-removed.js') as typeof import('./run-with-each-permission-removed.ts')
  ).runWithEachPermissionRemoved(...args);

/** {@inheritDoc WithCapabilities} */
export const withCapabilities: typeof WithCapabilities = (...args) =>
  (require('./with-capabilities.js') as typeof import('./with-capabilities.ts')).withCapabilities(...args);

/** {@inheritDoc SkipUnlessSupported} */
export const skipUnlessSupported: typeof SkipUnlessSupported = (...args) =>
  (require('./skip-unless-supported.js') as typeof import('./skip-unless-supported.ts')).skipUnlessSupported(
    ...args,
  );

import { checkString } from '../errors/index.ts';

/** A USDT probe, as the name of a section gives it. */
export interface UsdtTarget {
  readonly path: string;
  readonly provider: string;
  readonly name: string;
}

/**
 * Reads what follows `usdt/` in the name of a section: `PATH:PROVIDER:NAME`, as in
 * `SEC("usdt//usr/lib/libc.so.6:libc:setjmp")`.
 *
 * @returns `undefined` if it is not written so. A path may hold colons, the other parts may not
 * @throws TypeError when the target is not a string
 */
export function parseUsdtTarget(target: string): UsdtTarget | undefined {
  checkString('parseUsdtTarget: target', target);
  const [, path, provider, name] = /^(.+):([^:]+):([^:]+)$/s.exec(target) ?? [];
  if (path === undefined || provider === undefined || name === undefined) return undefined;
  return { path, provider, name };
}

import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import type { Delegation, DelegationInit } from '../token/delegation/index.ts';
import { runTarget } from './child/run-target.ts';
import { childState } from './child/state.ts';
import type { RunWithTokenOptions } from './options.ts';

const require = createRequire(import.meta.url);

/** How many calls of each name there were so far, to tell those with the same name apart. */
const calls = new Map<string, number>();

function nextOccurrence(t: TestContext, fullName: string): number {
  const key = `${filePath(t)}\0${fullName}`;
  const occurrence = calls.get(key) ?? 0;
  calls.set(key, occurrence + 1);
  return occurrence;
}

/** The test's file. If all files share one process, argv names another one. Node 20 has only argv. */
function filePath(t: TestContext): string {
  const { filePath: path } = t as { filePath?: string };
  const shared = process.execArgv.some((word) => /^--(experimental-)?test-isolation=none$/.test(word));
  return (shared ? path : undefined) ?? process.argv[1] ?? path ?? '';
}

/**
 * Runs a test under a BPF token, as a subtest of `t`. The subtest runs in a new process with a user namespace that is
 * not the initial one, its own mounts, a bpffs at `/sys/fs/bpf` that delegates exactly these permissions, and exactly
 * CAP_BPF, CAP_DAC_READ_SEARCH and the capabilities named in the options.
 *
 * The new process runs the test file from its start, so its top level runs under the token too. Of its tests, only this
 * one runs, and those around it up to this call. The result looks as if the body had run in place: subtests, skips,
 * failures with their error, output as it is written. What the process leaves running is killed, however it ends.
 *
 * This is a test and not a sandbox. The process keeps the user id of this one, and outside of BPF it can do what that
 * user may do. With `isolate: true` the code may be hostile; docs/security.md says what that protects from.
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace, and Linux 6.9. Without them the subtest is skipped.
 *
 * Unknown options and misspelled permissions fail it with a TypeError, a timeout that no timer can hold with a
 * RangeError.
 *
 * @param delegation - permissions by kind, or `any`
 * @param fn - the body, with the subtest's own context
 */
export async function runWithToken(
  t: TestContext,
  name: string,
  delegation: DelegationInit | Delegation | 'any',
  fn: (t: TestContext) => unknown,
  options: RunWithTokenOptions = {},
): Promise<void> {
  // Found without the library's own checks, which would be one more file in each process of a test.
  if (typeof (t as TestContext | undefined)?.test !== 'function')
    throw new TypeError('runWithToken: t must be the context of a test');
  if (typeof fn !== 'function') throw new TypeError(`runWithToken: fn must be a function, got ${typeof fn}`);
  const fullName = `${t.fullName} > ${name}`;
  const call = { file: filePath(t), fullName, occurrence: nextOccurrence(t, fullName) };
  const state = childState();
  // A call inside the subtest is an ordinary call, and will find that it may not delegate.
  if (state !== undefined && !(state.phase === 'running' && isInside(t, state.target.fullName))) {
    return runTarget(state, t, name, fn, call);
  }
  // A child needs none of this, so it is loaded on use.
  const { runChild } = require('./parent/run-child.js') as typeof import('./parent/run-child.ts');
  const { skip, todo, only } = options;
  const given = Object.entries({ skip, todo, only }).filter(([, value]) => value !== undefined);
  await t.test(name, Object.fromEntries(given), (sub) => runChild(sub, call, delegation, options));
}

function isInside(t: TestContext, fullName: string): boolean {
  return t.fullName === fullName || t.fullName.startsWith(`${fullName} > `);
}

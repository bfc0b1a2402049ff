import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import type { Delegation, DelegationInit } from '../token/delegation/index.ts';
import { runTarget } from './child/run-target.ts';
import { childState } from './child/state.ts';
import type { RunWithTokenOptions } from './options.ts';

const require = createRequire(import.meta.url);

/** Calls of each name so far, to tell those with the same name apart. */
const calls = new Map<string, number>();

function nextOccurrence(t: TestContext, fullName: string): number {
  const key = `${filePath(t)}\0${fullName}`;
  const occurrence = calls.get(key) ?? 0;
  calls.set(key, occurrence + 1);
  return occurrence;
}

/** The test's file: with one process for all files, argv names another one. Node 20 has only argv. */
function filePath(t: TestContext): string {
  const { filePath: path } = t as { filePath?: string };
  const shared = process.execArgv.some((word) => /^--(experimental-)?test-isolation=none$/.test(word));
  return (shared ? path : undefined) ?? process.argv[1] ?? path ?? '';
}

/**
 * Runs a test under a BPF token, as a subtest of `t`: in a new process with a user namespace that is not
 * the initial one, its own mounts, a bpffs at `/sys/fs/bpf` that delegates exactly these permissions, and
 * exactly CAP_BPF, CAP_DAC_READ_SEARCH and the capabilities named in the options.
 *
 * The test file is started anew, so its top level runs under the token too; of its tests, only this one
 * and those around it run, the latter up to this call. The result comes back as if it had run in place:
 * subtests, skips, failures with their error, output as it is written. What the process leaves running is killed, however it ends.
 *
 * This is a test and not a sandbox: the process keeps this one's user id, and can do outside of BPF what that may. With
 * `isolate: true` the code may be hostile; see docs/security.md for what that protects from.
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace, and Linux 6.9: without them the subtest is skipped.
 *
 * Unknown options and misspelled permissions fail it with a TypeError, a timeout that no timer takes with a RangeError.
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
  // Told without the library's own checks, which would be one more file in each process of a test.
  if (typeof (t as TestContext | undefined)?.test !== 'function')
    throw new TypeError('runWithToken: t must be the context of a test');
  if (typeof fn !== 'function') throw new TypeError(`runWithToken: fn must be a function, got ${typeof fn}`);
  const fullName = `${t.fullName} > ${name}`;
  const call = { file: filePath(t), fullName, occurrence: nextOccurrence(t, fullName) };
  const state = childState();
  // A call inside the subtest is one like any other, and will find that it may not delegate.
  if (state !== undefined && !(state.phase === 'running' && isInside(t, state.target.fullName))) {
    return runTarget(state, t, name, fn, call);
  }
  // A child needs none of this: it is loaded where it is used.
  const { runChild } = require('./parent/run-child.js') as typeof import('./parent/run-child.ts');
  const { skip, todo, only } = options;
  const given = Object.entries({ skip, todo, only }).filter(([, value]) => value !== undefined);
  await t.test(name, Object.fromEntries(given), (sub) => runChild(sub, call, delegation, options));
}

function isInside(t: TestContext, fullName: string): boolean {
  return t.fullName === fullName || t.fullName.startsWith(`${fullName} > `);
}

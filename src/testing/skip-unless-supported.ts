import type { TestContext } from 'node:test';
import { checkObject, NotSupportedError } from '../errors/index.ts';
import type { Answer } from '../features/index.ts';
import { kernelBuildOption } from '../sys/index.ts';

const { release } = process.getBuiltinModule('node:os');

/** The kernel feature that a test needs. */
export interface Requirement {
  /** In the kernel's words: `map type arena`. */
  readonly feature: string;
  /** The first Linux version with it, such as `6.9`. */
  readonly since: string;
  /** The kernel's build option for it, such as `CONFIG_KPROBES`. A kernel built without it may lack the feature. */
  readonly config?: string | undefined;
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => (/^\d+(\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Skips a test, with the reason, if the kernel lacks a feature and is older than the version that brought it, or says
 * that it was built without it. Any other kernel without the feature fails the test: a skip must not hide a mistake in
 * a probe.
 *
 * ```ts
 * const arena = { feature: 'map type arena', since: '6.9' };
 * if (!skipUnlessSupported(t, haveMapType('arena'), arena)) return;
 * ```
 *
 * @param answer - what a probe of `ebpf-ts/features` found
 * @returns whether the test can go on
 * @throws NotSupportedError when this kernel should have the feature
 * @throws the probe's own error when it could not tell
 */
export function skipUnlessSupported(t: TestContext, answer: Answer, requirement: Requirement): boolean {
  checkObject('skipUnlessSupported: answer', answer);
  if (answer.answer === 'yes') return true;
  if (answer.answer === 'denied') throw answer.error;
  if (answer.answer === 'unknown') throw answer.cause;
  const { feature, since, config } = requirement;
  const kernel = release();
  if (!/^\d+\.\d+/.test(since)) throw new TypeError(`since: "${since}" is not a Linux version`);
  if (compareVersions(kernel, since) < 0) {
    t.skip(`needs ${feature}, which came with Linux ${since}; this is ${kernel}`);
    return false;
  }
  if (config !== undefined && kernelBuildOption(config) === false) {
    t.skip(`needs ${feature}; this kernel was built without ${config}`);
    return false;
  }
  throw new NotSupportedError(
    `Cannot use ${feature}: Linux ${kernel} lacks it, although it came with ${since}: the kernel was built without it, or the probe is wrong`,
    { feature, since },
  );
}

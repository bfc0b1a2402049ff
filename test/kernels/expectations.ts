/** What must have run: a test that is skipped everywhere, or where it has no reason to be, is a failure. */
import type { TestResult } from './events.ts';
import type { Kernel } from './kernels.ts';
import type { Report } from './report.ts';

/** Folders whose tests have nothing to be skipped for on kernels with tokens, but for these reasons. */
const NEVER_SKIPPED_WITH_TOKENS: readonly RegExp[] = [];

/** Reasons that lie in the small machine, not in the kernel: such tests run on the machine that builds. */
const RUNS_ELSEWHERE: readonly RegExp[] = [/bpftool/, /compiler/, /network/, /is not installed/];

function runsElsewhere(test: TestResult): boolean {
  return RUNS_ELSEWHERE.some((reason) => reason.test(test.text));
}

/** Adds a problem to the report for every expectation that was not met on its kernel. */
export function checkReport(report: Report, kernel: Kernel, everything: boolean): void {
  const ran = report.tests.filter((test) => test.result !== 'skip');
  if (ran.length === 0) report.problem('no test ran');
  if (!kernel.tokens) return;
  for (const folder of NEVER_SKIPPED_WITH_TOKENS) {
    const tests = report.tests.filter((test) => folder.test(test.file));
    if (everything && tests.length === 0) report.problem(`no test of ${folder.source} ran`);
    for (const test of tests) {
      if (test.result !== 'skip' || runsElsewhere(test)) continue;
      report.problem(`must not be skipped here: ${test.file}: ${test.path.join(' > ')}: ${test.text}`);
    }
  }
}

/** Prints every test that ran on none of the kernels, and returns how many there are. */
export function checkMatrix(reports: readonly Report[]): number {
  const key = (test: TestResult): string => `${test.file}: ${test.path.join(' > ')}`;
  const tests = reports.flatMap((report) => report.tests);
  const ran = new Set(tests.filter((test) => test.result !== 'skip').map(key));
  const lost = new Map<string, string>();
  for (const test of tests) {
    if (!ran.has(key(test)) && !runsElsewhere(test)) lost.set(key(test), test.text);
  }
  for (const [test, reason] of lost) console.log(`FAILED: skipped on every kernel: ${test}: ${reason}`);
  return lost.size;
}

/** Checks what must have run. A test that is skipped without a good reason, or on every kernel, is a failure. */
import type { TestResult } from './events.ts';
import { type Kernel, skipsInside } from './kernels.ts';
import type { Report } from './report.ts';

function isOneOf(text: string, reasons: readonly RegExp[]): boolean {
  return reasons.some((reason) => reason.test(text));
}

/** Adds a problem to the report for every expectation that its kernel does not meet. */
export function checkReport(report: Report, kernel: Kernel): void {
  if (report.tests.every((test) => test.result === 'skip')) report.problem('no test ran');
  for (const { result, file, path, text } of report.tests) {
    if (result !== 'skip' || isOneOf(text, [...kernel.skips, ...skipsInside])) continue;
    report.problem(`${file}: ${path.join(' > ')}: no reason to be skipped here (see kernels.ts): ${text}`);
  }
}

/** Prints every test that ran on no kernel, and returns how many there are. */
export function checkMatrix(reports: readonly Report[]): number {
  const key = (test: TestResult): string => `${test.file}: ${test.path.join(' > ')}`;
  const tests = reports.flatMap((report) => report.tests);
  const ran = new Set(tests.filter((test) => test.result !== 'skip').map(key));
  const lost = new Map<string, string>();
  for (const test of tests) {
    if (!ran.has(key(test)) && !isOneOf(test.text, skipsInside)) lost.set(key(test), test.text);
  }
  for (const [test, reason] of lost) console.log(`FAILED: skipped on every kernel: ${test}: ${reason}`);
  return lost.size;
}

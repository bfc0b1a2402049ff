/** Counts what happened on one kernel, and prints it. */
import type { GuestEvent, TestResult } from './events.ts';

const OUTPUT_LINES = 40;
const SLOWEST = 5;

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ');
}

export class Report {
  readonly name: string;
  tests: TestResult[] = [];
  /** What went wrong, other than failed tests. */
  readonly problems: string[] = [];
  release = '';
  #output = new Map<string, string>();
  readonly #started = Date.now();
  #ready: number | undefined;
  /** The start times of the files that are not over yet. */
  #begun = new Map<string, number>();
  #spent = new Map<string, number>();
  readonly #verbose: boolean;

  /** @param verbose - prints a line when a test file is over */
  constructor(name: string, verbose = false) {
    this.name = name;
    this.#verbose = verbose;
  }

  count(result: TestResult['result']): number {
    return this.tests.filter((test) => test.result === result).length;
  }

  /** The number of failed tests and other problems. */
  get failed(): number {
    return this.count('fail') + this.problems.length;
  }

  add(event: GuestEvent): void {
    if (event.type === 'ready') {
      this.release = `${event.release}, Node ${event.node}`;
      this.#ready ??= Date.now();
    }
    if (event.type === 'output') {
      this.#output.set(event.file, (this.#output.get(event.file) ?? '') + event.text);
    }
    if (event.type === 'end') {
      const now = Date.now();
      this.#spent.set(event.file, now - (this.#begun.get(event.file) ?? now));
      if (this.#verbose) this.#printFile(event.file);
    }
    if (event.type !== 'test') return;
    this.tests.push(event);
    if (event.result === 'fail' && event.text !== '') this.#printFailure(event);
  }

  /** Notes that a file begins, perhaps again after a restart. Failures that it had before stay. */
  begin(file: string): void {
    this.#begun.set(file, Date.now());
    this.tests = this.tests.filter((test) => test.file !== file || test.result === 'fail');
  }

  #printFile(file: string): void {
    const tests = this.tests.filter((test) => test.file === file).length;
    const spent = Math.round((this.#spent.get(file) ?? 0) / 1000);
    console.log(`${this.name}: ${file}: ${tests} tests, ${spent} s`);
  }

  problem(text: string): void {
    this.problems.push(text);
    console.log(`${this.name}: FAILED: ${text}`);
  }

  #printFailure(test: TestResult): void {
    console.log(`${this.name}: FAILED: ${test.file}: ${test.path.join(' > ')}\n${indent(test.text)}`);
    const output = this.#output.get(test.file)?.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n');
    if (output !== undefined) console.log(`  printed by ${test.file}:\n${indent(output)}`);
  }

  /** Prints a line of counts, then the reasons for skips and how many tests each of them skipped. */
  printSummary(): void {
    const counts = `${this.count('pass')} passed, ${this.failed} failed, ${this.count('skip')} skipped`;
    const seconds = (from: number, to: number): string => `${Math.round((to - from) / 1000)} s`;
    const ready = this.#ready ?? Date.now();
    const times = `up in ${seconds(this.#started, ready)}, tests ${seconds(ready, Date.now())}`;
    console.log(`${this.name} (${this.release}; ${times}): ${counts}`);
    const slowest = [...this.#spent].sort((a, b) => b[1] - a[1]).slice(0, SLOWEST);
    console.log(`  slowest: ${slowest.map(([file, spent]) => `${file} ${seconds(0, spent)}`).join(', ')}`);
    const reasons = new Map<string, number>();
    for (const test of this.tests) {
      if (test.result === 'skip') reasons.set(test.text, (reasons.get(test.text) ?? 0) + 1);
    }
    for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) {
      console.log(`  skipped ${count}: ${reason}`);
    }
  }
}

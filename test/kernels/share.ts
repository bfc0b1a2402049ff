/** The test files of one kernel. One machine, or several at a time, work through them. */
import { readFileSync } from 'node:fs';
import type { Kernel } from './kernels.ts';
import { type Boot, type Ending, runMachine } from './machine.ts';
import { Report } from './report.ts';

const BOOTS = 5;

/** The options that all machines of a share have in common. */
export type ShareOptions = Omit<Boot, 'console' | 'nextFile'> & {
  readonly release: Kernel;
  readonly files: readonly string[];
  readonly verbose: boolean;
};

const MEANINGS: Readonly<Record<Exclude<Ending, 'done'>, string>> = {
  boot: 'did not come up',
  emulator: 'the emulator crashed or stood still',
  late: 'not done in time',
  died: 'the machine ended',
};

export class Share {
  readonly report: Report;
  /** How many machines are running. */
  machines = 0;
  readonly #options: ShareOptions;
  readonly #waiting: string[];
  #booted = 0;

  constructor(options: ShareOptions) {
    this.#options = options;
    this.#waiting = [...options.files];
    this.report = new Report(options.release.name, options.verbose);
  }

  get kernel(): Kernel {
    return this.#options.release;
  }

  /** Whether a machine has been started for it. */
  get begun(): boolean {
    return this.#booted > 0;
  }

  /** How many files no machine has taken yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Boots a machine that takes files until none are left. */
  async work(): Promise<void> {
    this.machines++;
    const log = `${this.#options.image}.${++this.#booted}.log`;
    for (let attempt = 1; await this.#boot(log, attempt); attempt++);
    this.machines--;
  }

  /** Boots once. Returns whether another boot is needed. */
  async #boot(log: string, attempt: number): Promise<boolean> {
    const { report } = this;
    let current: string | undefined;
    const nextFile = (): string | undefined => {
      current = this.#waiting.shift();
      if (current !== undefined) report.begin(current);
      return current;
    };
    const ending = await runMachine({ ...this.#options, console: log, nextFile }, (event) =>
      report.add(event),
    );
    if (ending === 'done') return false;
    const messages = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n    ');
    const what = `${MEANINGS[ending]}${current === undefined ? '' : `, in ${current}`}`;
    if ((ending === 'boot' || ending === 'emulator') && attempt < BOOTS) {
      // Sometimes the emulator itself fails, most often at boot. Results so far are kept.
      console.log(`${this.kernel.name}: ${what}: starting again (attempt ${attempt})\n    ${messages}`);
      if (current !== undefined) this.#waiting.unshift(current);
      return true;
    }
    const left = ending === 'died' ? 0 : this.#waiting.splice(0).length;
    report.problem(`${what}${left > 0 ? `, ${left} files left` : ''}\n    ${messages}`);
    return this.#waiting.length > 0;
  }
}

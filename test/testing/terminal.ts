/** A terminal of its own for a program, with the test at the keyboard. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync, writeSync } from 'node:fs';
import { Fd, ioctl } from '../../src/sys/index.ts';

// include/uapi/asm-generic/ioctls.h
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;

/** A program that leads the foreground of its terminal. */
export class TerminalSession implements Disposable {
  readonly process: ChildProcess;
  /** The status that it ended with, and the signal, once its terminal is closed too. */
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
  /** What it has written so far. */
  output = '';
  readonly #terminal: Fd;
  /** A program that does not say what it is waited for does not hold the test up for ever. */
  readonly #limit: NodeJS.Timeout;
  #notify: () => void = () => {};

  /** @param output - `pipe`: only the input is the terminal */
  constructor(command: readonly string[], output: 'terminal' | 'pipe' = 'terminal') {
    this.#terminal = Fd.adopt(openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY), 'terminal');
    const number = new Int32Array(1);
    ioctl(this.#terminal, TIOCSPTLCK, new Int32Array(1));
    ioctl(this.#terminal, TIOCGPTN, number);
    const line = openSync(`/dev/pts/${number[0]}`, constants.O_RDWR | constants.O_NOCTTY);
    // A program that leads no group, as this one, becomes the leader of the session itself.
    const other = output === 'pipe' ? 'pipe' : line;
    this.process = spawn('setsid', ['-c', ...command], { stdio: [line, other, other] });
    closeSync(line);
    this.#limit = setTimeout(() => this.process.kill('SIGKILL'), 60_000);
    const hear = (chunk: string | Buffer): void => {
      this.output += chunk;
      this.#notify();
    };
    const screen = createReadStream('', { fd: this.#terminal.duplicate().release(), encoding: 'utf8' });
    for (const stream of [screen, this.process.stdout, this.process.stderr]) stream?.on('data', hear);
    // A terminal that nobody has open any more reads as EIO.
    screen.on('error', () => {});
    const closed = new Promise<void>((resolve) =>
      screen.once('close', () => {
        this.#notify();
        resolve();
      }),
    );
    this.ended = (once(this.process, 'close') as Promise<[number | null, NodeJS.Signals | null]>).then(
      async (end) => {
        await closed;
        return end;
      },
    );
  }

  /** Presses keys. */
  type(keys: string): void {
    writeSync(this.#terminal.value, keys);
  }

  /** Gives the terminal another size. */
  resize(rows: number, columns: number): void {
    ioctl(this.#terminal, TIOCSWINSZ, Uint16Array.of(rows, columns, 0, 0));
  }

  /** How often the text was written. */
  count(text: string): number {
    return this.output.split(text).length - 1;
  }

  /** Waits until the text was written so often, or nothing more can be. */
  async shows(text: string, times = 1): Promise<void> {
    const over = this.ended.then(() => true);
    while (this.count(text) < times) {
      const changed = new Promise<boolean>((resolve) => {
        this.#notify = () => resolve(false);
      });
      if ((await Promise.race([over, changed])) && this.count(text) < times) {
        throw new Error(`the program ended without "${text}":\n${this.output}`);
      }
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#limit);
    this.process.kill('SIGKILL');
    this.#terminal.close();
  }
}

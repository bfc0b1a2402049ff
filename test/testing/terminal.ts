/** A separate terminal for a program. The test is at the keyboard. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync, writeSync } from 'node:fs';
import { Fd, ioctl } from '../../src/sys/index.ts';

// include/uapi/asm-generic/ioctls.h
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;

/** A program that leads the foreground process group of its terminal. */
export class TerminalSession implements Disposable {
  readonly process: ChildProcess;
  /** The exit status and the signal, once the program has ended and its terminal is closed. */
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
  /** What the program has written so far. */
  output = '';
  readonly #terminal: Fd;
  /** Ends a program that never writes what the test waits for. */
  readonly #limit: NodeJS.Timeout;
  #notify: () => void = () => {};

  /** @param output - `pipe`: only the input is the terminal */
  constructor(command: readonly string[], output: 'terminal' | 'pipe' = 'terminal') {
    this.#terminal = Fd.adopt(openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY), 'terminal');
    const number = new Int32Array(1);
    ioctl(this.#terminal, TIOCSPTLCK, new Int32Array(1));
    ioctl(this.#terminal, TIOCGPTN, number);
    const line = openSync(`/dev/pts/${number[0]}`, constants.O_RDWR | constants.O_NOCTTY);
    // setsid forks if it leads a process group. This one does not, so it becomes the leader of the session itself.
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
    // Reading a terminal that no process has open any more gives EIO.
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

  /** Types these keys. */
  type(keys: string): void {
    writeSync(this.#terminal.value, keys);
  }

  /** Changes the size of the terminal. */
  resize(rows: number, columns: number): void {
    ioctl(this.#terminal, TIOCSWINSZ, Uint16Array.of(rows, columns, 0, 0));
  }

  /** How often the program has written the text. */
  count(text: string): number {
    return this.output.split(text).length - 1;
  }

  /** Waits until the text was written this many times. Throws if the program ends before that. */
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

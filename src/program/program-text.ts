import { commands, programStreams } from '../abi/index.ts';
import {
  type BareError,
  checkInteger,
  checkSignal,
  NotSupportedError,
  rejectUnknownOptions,
} from '../errors/index.ts';
import { type Fd, kernelEnumHas, progStreamRead } from '../sys/index.ts';
import type { ProgramStream, ProgramStreams, StreamOptions } from './streams.ts';

const CHUNK = 16_384;
/** More than the 100,000 bytes that the kernel keeps. A program that keeps writing does not keep the reader forever. */
const MOST_CHUNKS = 8;
/** Where the kernel puts bytes. They are made a text before any other code runs, so all streams share it. */
let chunk: Uint8Array | undefined;

export function streamsOf(program: Fd): ProgramStreams {
  return { stdout: new ProgramText(program, 'stdout'), stderr: new ProgramText(program, 'stderr') };
}

/** Reads a stream of a program. */
class ProgramText implements ProgramStream {
  readonly #program: Fd;
  readonly #stream: { readonly name: string; readonly number: number };
  /** Keeps the beginning of a character whose end was not there yet. */
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(program: Fd, name: keyof typeof programStreams) {
    this.#program = program;
    this.#stream = { name, number: programStreams[name] };
  }

  read(): string {
    chunk ??= new Uint8Array(CHUNK);
    let text = '';
    for (let count = 0; count < MOST_CHUNKS; count++) {
      const length = progStreamRead(this.#program, this.#stream, chunk, (bare) => this.#explain(bare));
      text += this.#decoder.decode(chunk.subarray(0, length), { stream: true });
      if (length < CHUNK) break;
    }
    return text;
  }

  follow(options: StreamOptions = {}): AsyncGenerator<string, void, undefined> {
    const { interval, signal } = checked('follow', options);
    return this.#pieces(interval, signal);
  }

  lines(options: StreamOptions = {}): AsyncGenerator<string, void, undefined> {
    const { interval, signal } = checked('lines', options);
    return linesOf(this.#pieces(interval, signal));
  }

  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    return this.follow();
  }

  async *#pieces(interval: number, signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined> {
    for (let closed = false; !closed && signal?.aborted !== true; closed = this.#program.closed) {
      const text = this.read();
      if (text !== '') yield text;
      // However fast a program writes, the event loop gets its turn.
      await pause(text === '' ? interval : 0, signal);
    }
  }

  /** The descriptor is a program's, so nothing else in the call can be wrong. */
  #explain({ code, errno, syscall, command }: BareError): NotSupportedError | undefined {
    if (code !== 'EINVAL' || kernelEnumHas('bpf_cmd', commands.number('prog_stream_read_by_fd')) === true) {
      return undefined;
    }
    return new NotSupportedError(
      `Cannot read ${this.#stream.name} of ${this.#program.what}: this kernel has no streams of programs: they came with Linux 6.17`,
      { feature: 'streams of programs', since: '6.17', errno, syscall, command },
    );
  }
}

function checked(
  method: 'follow' | 'lines',
  options: StreamOptions,
): { readonly interval: number; readonly signal: AbortSignal | undefined } {
  rejectUnknownOptions(method, options, ['interval', 'signal']);
  const { interval = 100, signal } = options;
  checkInteger(`${method}: interval`, interval, 1, 0x7fff_ffff);
  checkSignal(method, signal);
  return { interval, signal };
}

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Waits, at most until the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
  });
}

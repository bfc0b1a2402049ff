import { checkOurs, checkOwner, checkSignal, OURS, rejectUnknownOptions } from '../../errors/index.ts';
import type { Link } from '../link.ts';
import { CHUNK, readPart, startRun } from './iterator-run.ts';

const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How {@link streamIterator} reads. */
export interface StreamIteratorOptions {
  /** Ends the loop. */
  readonly signal?: AbortSignal | undefined;
}

/** What an iterator writes, in parts. Each loop over it is a run of its own, over everything. */
export class IteratorStream implements AsyncIterable<Uint8Array> {
  readonly #link: Link;
  readonly #signal: AbortSignal | undefined;

  /** @internal */
  constructor(key: typeof OURS, link: Link, signal: AbortSignal | undefined) {
    checkOurs(key, 'IteratorStream', 'streamIterator');
    this.#link = link;
    this.#signal = signal;
  }

  /**
   * The bytes, in parts of at most 32 KiB that you may keep.
   *
   * @throws BpfError also if the program fails: `E2BIG` if it writes more for one object than the kernel has room for
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    using run = startRun(this.#link);
    const room = new Uint8Array(CHUNK);
    // One read stops at 32 KiB or a million objects, and other work comes in between.
    while (this.#signal?.aborted !== true) {
      const size = readPart(run, room);
      if (size === 0) return;
      if (size > 0) yield room.slice(0, size);
      await eventLoopTurn();
    }
  }

  /** The lines of the text, which is UTF-8, without their line ends. @throws BpfError */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    // The parts of a line whose end has not come yet.
    let begun: string[] = [];
    for await (const chunk of this) {
      const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
      begun.push(first);
      for (const next of others) {
        yield begun.join('');
        begun = [next];
      }
    }
    const last = begun.join('') + decoder.decode();
    if (last !== '' && this.#signal?.aborted !== true) yield last;
  }
}

/**
 * Runs an iterator and hands out what the program writes as it comes, without keeping all of it. The kernel is asked for
 * one part at a time, and the event loop turns in between. Leaving the loop ends the run, and so does the signal.
 *
 * @example
 * using link = attachIterator(program);
 * for await (const chunk of streamIterator(link)) process.stdout.write(chunk);
 * for await (const line of streamIterator(link).lines()) console.log(line);
 *
 * @throws TypeError for what is not a link, and for wrong options. The loop throws what the kernel refuses
 */
export function streamIterator(link: Link, options: StreamIteratorOptions = {}): IteratorStream {
  checkOwner('streamIterator: link', link, 'a Link');
  rejectUnknownOptions('streamIterator', options, ['signal']);
  checkSignal('streamIterator', options.signal);
  return new IteratorStream(OURS, link, options.signal);
}

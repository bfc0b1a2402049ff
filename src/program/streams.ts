/** How to wait for text. */
export interface StreamOptions {
  /** How often to look, in milliseconds: the kernel wakes nobody. Default: 100 */
  readonly interval?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A stream of text that a program writes. The kernel keeps up to 100,000 bytes until they are read. It refuses what the
 * program writes beyond that, and the program knows. What was read is gone, also for other processes that read the same
 * stream. A stream lives as long as its program. Linux >= 6.17
 *
 * @example
 * for await (const text of program.streams.stderr) process.stderr.write(text);
 */
export interface ProgramStream extends AsyncIterable<string> {
  /**
   * Takes out what is there now, without waiting: an empty text if there is nothing. Needs no capability besides the
   * program's descriptor.
   *
   * @throws NotSupportedError before Linux 6.17; ClosedError; BpfError
   */
  read(): string;
  /**
   * The text as it comes, in pieces of any length, until the program is closed or the signal aborts. It looks at the
   * stream again and again, because the kernel tells nobody that there is more: `interval` says how often. Waiting keeps
   * the process alive. `for await` over the stream itself is the same without options.
   *
   * @throws like {@link read} at the first step; TypeError, RangeError for wrong options, at the call
   */
  follow(options?: StreamOptions): AsyncGenerator<string, void, undefined>;
  /** The same line by line. A line comes when its end is there; the last one may have none. */
  lines(options?: StreamOptions): AsyncGenerator<string, void, undefined>;
  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined>;
}

/** The streams of a program. `program.streams` gives them. */
export interface ProgramStreams {
  /** What the program prints with `bpf_stream_printk(BPF_STDOUT, ...)`. */
  readonly stdout: ProgramStream;
  /**
   * What the program prints with `bpf_stream_printk(BPF_STDERR, ...)`, and what the kernel reports about it: loops that
   * were ended (`may_goto`), faults in arenas, deadlocks of locks, each with the stack.
   */
  readonly stderr: ProgramStream;
}

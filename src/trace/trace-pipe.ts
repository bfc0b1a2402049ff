import { TextLines } from '../bytes/index.ts';
import {
  BpfError,
  checkPath,
  checkSignal,
  ERRNO,
  type Explain,
  rejectUnknownOptions,
} from '../errors/index.ts';
import {
  type Fd,
  findTracefs,
  lockdownLevel,
  openNonblocking,
  sharePoller,
  systemError,
  trySyscall,
  whyNoTracefs,
} from '../sys/index.ts';

const { join } = process.getBuiltinModule('node:path');

/** How the trace pipe is read. */
export interface TracePipeOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Where tracefs is mounted. Default: as /proc/self/mountinfo says, or the usual place if that is unreadable. */
  readonly tracefs?: string | undefined;
}

const ACTION = 'read the trace pipe';
/** The kernel gives at most about 8 KiB at a time. */
const CHUNK = 16_384;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The lines of the kernel's trace pipe, as they come. BPF programs write there with `bpf_printk` (the helper
 * `trace_printk`). Ends when the signal aborts. Leaving the loop closes the pipe.
 *
 * The kernel keeps lines until someone reads them, so the first lines may be older than the call. A line that was read
 * is gone from the pipe. All programs of the machine write to it, and so do events that someone has enabled in tracefs.
 * Empty lines are left out: a text that ends with a newline would make one. {@link parseTraceLine} takes a line apart.
 *
 * Needs a mounted tracefs whose `trace_pipe` this process may read: usually only root may. Waiting takes no thread of
 * Node's pool.
 *
 * @throws BpfError at the first step: `ERR_BPF_NO_TRACEFS`, `EACCES`, `EPERM` if the kernel is locked down, `EBUSY` if
 *   another process or another loop already reads the pipe. Some kernels before 6.6 do not refuse: they give each line to
 *   only one of the readers
 * @throws TypeError for wrong options, at the call
 *
 * @example
 * for await (const line of readTracePipe()) console.log(line);
 */
export function readTracePipe(options: TracePipeOptions = {}): AsyncGenerator<string, void, undefined> {
  rejectUnknownOptions('readTracePipe', options, ['signal', 'tracefs']);
  const { signal, tracefs } = options;
  checkSignal('readTracePipe', signal);
  if (tracefs !== undefined) checkPath('readTracePipe: tracefs', tracefs);
  return linesOf(tracefs, signal);
}

async function* linesOf(
  tracefs: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  if (signal?.aborted) return;
  using pipe = openPipe(tracefs);
  const share = sharePoller();
  try {
    const bytes = new Uint8Array(CHUNK);
    const text = new TextLines();
    for (;;) {
      const length = readSome(pipe, bytes);
      for (const line of text.push(bytes.subarray(0, length))) {
        if (line !== '') yield line;
        if (signal?.aborted) return;
      }
      // However fast lines come, the event loop gets its turn.
      if (length > 0) await nextTurn();
      else if (!(await share.poller.wait(pipe, signal))) return;
    }
  } finally {
    share.release();
  }
}

/** Reads what is there: 0 bytes if there is nothing now. */
function readSome(pipe: Fd, bytes: Uint8Array): number {
  const length = trySyscall('read', pipe.value, bytes, bytes.length);
  if (length >= 0) return length;
  if (length === -ERRNO.EAGAIN) return 0;
  throw systemError(ACTION, 'read', -length);
}

function openPipe(given: string | undefined): Fd {
  const found = given === undefined ? findTracefs() : { path: given };
  if (found.path === undefined) {
    throw new BpfError(`Cannot ${ACTION}: ${whyNoTracefs('it', found)}`, {
      code: 'ERR_BPF_NO_TRACEFS',
      cause: found.cause,
    });
  }
  const file = join(found.path, 'trace_pipe');
  const opened = openNonblocking(file, 'trace pipe');
  if (typeof opened !== 'number') return opened;
  throw systemError(ACTION, 'openat', -opened, undefined, why(file));
}

const why =
  (file: string): Explain =>
  ({ code }) => {
    switch (code) {
      case 'EBUSY':
        return `${file} is being read already, by this process or another, and has one reader at a time: end the other reader`;
      case 'EACCES':
        return `only root can read ${file}, and users whom the mount options gid= and mode= of tracefs allow`;
      case 'EPERM':
        return lockdownLevel() === 'confidentiality'
          ? 'the kernel is locked down (confidentiality), so it shows no traces'
          : undefined;
      case 'ENOENT':
      case 'ENOTDIR':
        return `there is no ${file}: the folder is not a tracefs, or this kernel is built without tracing`;
      default:
        return undefined;
    }
  };

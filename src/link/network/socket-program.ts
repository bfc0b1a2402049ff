import { BpfError, type Explain, OURS } from '../../errors/index.ts';
import { Fd, type SocketOption, setSocketOption, socketCookie, systemError } from '../../sys/index.ts';
import { Attachment } from '../attachment.ts';
import { type Attempt, programText, purposeOf } from '../problems.ts';
import { socketNumber } from './find-socket.ts';
import { attachmentText } from './prog-attach.ts';

/** The options of a socket that attach and detach one kind of program. */
interface Options {
  readonly attach: SocketOption;
  readonly detach: SocketOption;
  /** What the kernel says if no program is attached any more. */
  readonly gone: readonly number[];
}

const LOCKED =
  'the filter of this socket is locked (SO_LOCK_FILTER): it stays as it is until the socket is closed';

const whyNotDetached: Explain = ({ code }) => (code === 'EPERM' ? LOCKED : undefined);

/**
 * For each socket, what attached its present program: a socket has one program of a kind, and the kernel replaces it
 * without a word. The attachment of the earlier program must then leave the later one alone.
 */
const present = new Map<string, symbol>();

const SOCKET_PROBLEMS = {
  EPERM: LOCKED,
  EBADF: 'the descriptor is not open',
  ENOTSOCK: 'the descriptor is not a socket',
} as const;

/** Opens the socket that had this number; `undefined` if the socket is closed, and the number free or another file's. */
function reopen(number: number, cookie: bigint): Fd | undefined {
  if (socketCookie(number) !== cookie) return undefined;
  let fd: Fd;
  try {
    fd = Fd.duplicateOf(number, { action: 'detach a program from a socket' }, 'socket');
  } catch (error) {
    if (BpfError.is(error) && error.code === 'EBADF') return undefined;
    throw error;
  }
  // Another thread may just have closed the socket and opened something else.
  if (socketCookie(fd.value) === cookie) return fd;
  fd.close();
  return undefined;
}

/**
 * Attaches a program to a socket with a socket option.
 *
 * @param what - the option that names the socket, for errors
 * @throws BpfError; TypeError, RangeError for what is not a socket
 */
export function attachToSocket(
  what: string,
  attempt: Attempt,
  socket: unknown,
  { attach, detach, gone }: Options,
): Attachment {
  const purpose = purposeOf({ ...attempt, explain: { ...SOCKET_PROBLEMS, ...attempt.explain } });
  const { number, ofNode } = socketNumber(what, purpose.action, socket);
  const refuse = (errno: number): never => {
    throw systemError(purpose.action, 'setsockopt', errno, undefined, purpose.explain);
  };
  const { program, target } = attempt;
  const name = programText(program);
  const text = attachmentText(attempt);
  // A copy of the descriptor keeps the socket open. Node's objects say when to close a socket, and would not be obeyed:
  // the port would stay taken, and the other side would not learn of the end. So for them the number is enough.
  const held = ofNode ? program.fd.duplicate(text) : Fd.duplicateOf(number, purpose, text);
  try {
    const own = ofNode ? number : held.value;
    const cookie = socketCookie(own);
    if (typeof cookie === 'number') return refuse(-cookie);
    const result = setSocketOption(own, attach, program.fd.value);
    if (result < 0) return refuse(-result);
    const key = `${attach} ${cookie}`;
    const mark = Symbol();
    present.set(key, mark);
    const undo = (): void => {
      if (present.get(key) !== mark) return;
      present.delete(key);
      const fd = ofNode ? reopen(number, cookie) : held;
      if (fd === undefined) return;
      try {
        const ended = setSocketOption(fd.value, detach, 0);
        if (ended < 0 && !gone.includes(-ended)) {
          throw systemError(`detach ${name} from ${target}`, 'setsockopt', -ended, undefined, whyNotDetached);
        }
      } finally {
        fd.close();
      }
    };
    return new Attachment(OURS, held, undo);
  } catch (error) {
    held.close();
    throw error;
  }
}

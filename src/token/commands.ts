import { type BtfLoadAttr, type MapCreateAttr, mapCreateFlags, type ProgLoadAttr } from '../abi/index.ts';
import { checkInteger, checkObject, U32 } from '../errors/index.ts';
import { bpf, bpfAsync, Fd } from '../sys/index.ts';
import {
  type Attempt,
  btfByIdNeed,
  btfNeed,
  firstAttempt,
  mapNeed,
  type Need,
  objectOf,
  programNeed,
  secondAttempt,
  type TokenOption,
} from './choice/index.ts';
import { refusal } from './explain/index.ts';

export type { TokenOption } from './choice/index.ts';

/**
 * Makes a call with a token where one helps, and after a refusal a second time if something has changed. A generator, so
 * that the same steps serve both forms: each yield is one call, with the attempt's token, and its result.
 *
 * @throws the error that explains a refusal, when there is nothing more to try
 */
function* attempts(need: Need, option: TokenOption): Generator<Attempt, Fd, number> {
  for (let attempt = firstAttempt(need, option); ; ) {
    const result = yield attempt;
    if (result >= 0) return Fd.adopt(result, objectOf(need));
    const next = secondAttempt(need, attempt, -result);
    if (next === undefined) throw refusal(need, attempt, -result);
    attempt = next;
  }
}

/** Makes the call while the caller waits. */
function create(need: Need, option: TokenOption, call: (token: number | undefined) => number): Fd {
  const steps = attempts(need, option);
  let step = steps.next();
  while (!step.done) step = steps.next(call(step.value.token?.fd));
  return step.value;
}

/** Adds the flag that says that a token is passed. All four commands have the same one. */
const withFlag = (flags: number | undefined): number => (flags ?? 0) | mapCreateFlags.token_fd;

/** Keeps the text of an earlier call from being taken for the log of this one. */
function clearLog(log: unknown): void {
  if (log instanceof Uint8Array && log.length > 0) log[0] = 0;
}

/**
 * BPF_MAP_CREATE. Capability: CAP_BPF and for some types CAP_NET_ADMIN, in the initial user namespace
 * or, with a token (Linux 6.9), in the token's.
 *
 * @param name - the whole name, for errors: the attribute holds 15 characters of it
 * @throws TokenError when the kernel refuses with EPERM; BpfError for any other errno
 */
export function mapCreate(attr: MapCreateAttr, token: TokenOption = 'ambient', name?: string): Fd {
  checkObject('mapCreate: attr', attr);
  return create(mapNeed(attr, name), token, (map_token_fd) =>
    bpf(
      'map_create',
      map_token_fd === undefined ? attr : { ...attr, map_flags: withFlag(attr.map_flags), map_token_fd },
    ),
  );
}

const withProgramToken = (attr: ProgLoadAttr, prog_token_fd: number | undefined): ProgLoadAttr =>
  prog_token_fd === undefined ? attr : { ...attr, prog_flags: withFlag(attr.prog_flags), prog_token_fd };

/** Copies the log's true size back, if the kernel wrote it to a copy of the caller's attribute. */
function handOnLogSize(attr: ProgLoadAttr, sent: ProgLoadAttr): void {
  if (sent !== attr && sent.log_true_size !== undefined) attr.log_true_size = sent.log_true_size;
}

/**
 * BPF_PROG_LOAD. Capability: CAP_BPF and by type CAP_NET_ADMIN or CAP_PERFMON, in the initial user namespace
 * or, with a token (Linux 6.9), in the token's. The caller owns `log_buf` and reads the verifier's log.
 *
 * @param name - the whole name, for errors: the attribute holds 15 characters of it
 * @throws TokenError when the kernel refuses with EPERM before the verifier has said anything;
 *   BpfError for any other errno
 */
export function progLoad(attr: ProgLoadAttr, token: TokenOption = 'ambient', name?: string): Fd {
  checkObject('progLoad: attr', attr);
  clearLog(attr.log_buf);
  return create(programNeed(attr, name), token, (tokenFd) => {
    const sent = withProgramToken(attr, tokenFd);
    const result = bpf('prog_load', sent);
    handOnLogSize(attr, sent);
    return result;
  });
}

/** {@link progLoad} on its own thread: the verifier can take seconds. */
export async function progLoadAsync(
  attr: ProgLoadAttr,
  token: TokenOption = 'ambient',
  name?: string,
): Promise<Fd> {
  checkObject('progLoadAsync: attr', attr);
  const need = programNeed(attr, name);
  clearLog(attr.log_buf);
  const steps = attempts(need, token);
  let step = steps.next();
  while (!step.done) {
    const { token: chosen } = step.value;
    // The descriptor must stay open until that thread has made the call.
    const release = chosen?.hold();
    const sent = withProgramToken(attr, chosen?.fd);
    const result = await bpfAsync('prog_load', sent).finally(release);
    handOnLogSize(attr, sent);
    step = steps.next(result);
  }
  return step.value;
}

/**
 * BPF_BTF_LOAD. Capability: CAP_BPF, in the initial user namespace or, with a token (Linux 6.9), in the token's.
 *
 * @throws TokenError when the kernel refuses with EPERM; BpfError for any other errno
 */
export function btfLoad(attr: BtfLoadAttr, token: TokenOption = 'ambient'): Fd {
  checkObject('btfLoad: attr', attr);
  clearLog(attr.btf_log_buf);
  return create(btfNeed(attr), token, (btf_token_fd) => {
    if (btf_token_fd === undefined) return bpf('btf_load', attr);
    const sent = { ...attr, btf_flags: withFlag(attr.btf_flags), btf_token_fd };
    const result = bpf('btf_load', sent);
    if (attr.btf_log_true_size !== undefined) attr.btf_log_true_size = sent.btf_log_true_size;
    return result;
  });
}

/**
 * BPF_BTF_GET_FD_BY_ID. Capability: CAP_SYS_ADMIN, in the initial user namespace or,
 * with a token (Linux 6.15), in the token's.
 *
 * @throws TokenError when the kernel refuses with EPERM; BpfError for any other errno
 */
export function btfGetFdById(id: number, token: TokenOption = 'ambient'): Fd {
  checkInteger('btfGetFdById: id', id, ...U32);
  return create(btfByIdNeed(id), token, (fd_by_id_token_fd) =>
    bpf(
      'btf_get_fd_by_id',
      fd_by_id_token_fd === undefined
        ? { btf_id: id }
        : { btf_id: id, open_flags: withFlag(0), fd_by_id_token_fd },
    ),
  );
}

import type { BtfLoadAttr, MapCreateAttr, ProgLoadAttr } from '../abi/index.ts';
import { checkInteger, checkObject, U32 } from '../errors/index.ts';
import { bpf, bpfAsync, Fd } from '../sys/index.ts';
import { type Attempt, firstAttempt, refusal, secondAttempt, type TokenOption } from './attempt.ts';
import { btfByIdNeed, btfNeed, mapNeed, type Need, programNeed } from './needs.ts';

const BPF_F_TOKEN_FD = 1 << 16; // include/uapi/linux/bpf.h

/** Makes the call, with a token where one helps; after a refusal a second time if something has changed. */
function create(need: Need, option: TokenOption, call: (token: number | undefined) => number): number {
  let attempt: Attempt | undefined = firstAttempt(need, option);
  for (;;) {
    const result = call(attempt.token?.fd);
    if (result >= 0) return result;
    const next = secondAttempt(need, attempt, -result);
    if (next === undefined) throw refusal(need, attempt, -result);
    attempt = next;
  }
}

/** A buffer used before must not pass for a log of this call. */
function clearLog(log: unknown): void {
  if (log instanceof Uint8Array && log.length > 0) log[0] = 0;
}

const withFlag = (flags: number | undefined): number => (flags ?? 0) | BPF_F_TOKEN_FD;

/**
 * BPF_MAP_CREATE. Capability: CAP_BPF and for some types CAP_NET_ADMIN, in the initial user namespace
 * or, with a token (Linux 6.9), in the token's.
 *
 * @param name - the whole name, for errors: the attribute holds 15 characters of it
 * @throws TokenError when the kernel refuses with EPERM; BpfError for any other errno
 */
export function mapCreate(attr: MapCreateAttr, token: TokenOption = 'ambient', name?: string): Fd {
  checkObject('mapCreate: attr', attr);
  const need = mapNeed(attr, name);
  const fd = create(need, token, (map_token_fd) =>
    bpf(
      'map_create',
      map_token_fd === undefined ? attr : { ...attr, map_flags: withFlag(attr.map_flags), map_token_fd },
    ),
  );
  return Fd.adopt(fd, need.object);
}

const withProgramToken = (attr: ProgLoadAttr, prog_token_fd: number | undefined): ProgLoadAttr =>
  prog_token_fd === undefined ? attr : { ...attr, prog_flags: withFlag(attr.prog_flags), prog_token_fd };

/** Hands on what the kernel said of the log's size, when it was said to a copy of the caller's attribute. */
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
  const need = programNeed(attr, name);
  clearLog(attr.log_buf);
  const fd = create(need, token, (tokenFd) => {
    const sent = withProgramToken(attr, tokenFd);
    const result = bpf('prog_load', sent);
    handOnLogSize(attr, sent);
    return result;
  });
  return Fd.adopt(fd, need.object);
}

/** {@link progLoad} on a thread of its own: the verifier can take seconds. */
export async function progLoadAsync(
  attr: ProgLoadAttr,
  token: TokenOption = 'ambient',
  name?: string,
): Promise<Fd> {
  checkObject('progLoadAsync: attr', attr);
  const need = programNeed(attr, name);
  clearLog(attr.log_buf);
  let attempt = firstAttempt(need, token);
  for (;;) {
    // The number must stay this token's until that thread has made the call.
    const release = attempt.token?.hold();
    const sent = withProgramToken(attr, attempt.token?.fd);
    const result = await bpfAsync('prog_load', sent).finally(release);
    handOnLogSize(attr, sent);
    if (result >= 0) return Fd.adopt(result, need.object);
    const next = secondAttempt(need, attempt, -result);
    if (next === undefined) throw refusal(need, attempt, -result);
    attempt = next;
  }
}

/**
 * BPF_BTF_LOAD. Capability: CAP_BPF, in the initial user namespace or, with a token (Linux 6.9), in the token's.
 *
 * @throws TokenError when the kernel refuses with EPERM; BpfError for any other errno
 */
export function btfLoad(attr: BtfLoadAttr, token: TokenOption = 'ambient'): Fd {
  checkObject('btfLoad: attr', attr);
  const need = btfNeed(attr);
  clearLog(attr.btf_log_buf);
  const fd = create(need, token, (btf_token_fd) => {
    if (btf_token_fd === undefined) return bpf('btf_load', attr);
    const sent = { ...attr, btf_flags: withFlag(attr.btf_flags), btf_token_fd };
    const result = bpf('btf_load', sent);
    if (attr.btf_log_true_size !== undefined) attr.btf_log_true_size = sent.btf_log_true_size;
    return result;
  });
  return Fd.adopt(fd, need.object);
}

/**
 * BPF_BTF_GET_FD_BY_ID. Capability: CAP_SYS_ADMIN, in the initial user namespace or,
 * with a token (Linux 6.15), in the token's.
 *
 * @throws TokenError when the kernel refuses with EPERM; BpfError for any other errno
 */
export function btfGetFdById(id: number, token: TokenOption = 'ambient'): Fd {
  checkInteger('btfGetFdById: id', id, ...U32);
  const need = btfByIdNeed(id);
  const fd = create(need, token, (fd_by_id_token_fd) =>
    bpf(
      'btf_get_fd_by_id',
      fd_by_id_token_fd === undefined
        ? { btf_id: id }
        : { btf_id: id, open_flags: BPF_F_TOKEN_FD, fd_by_id_token_fd },
    ),
  );
  return Fd.adopt(fd, need.object);
}

export type { TokenOption } from './attempt.ts';

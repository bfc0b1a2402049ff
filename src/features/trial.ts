import type { MapCreateAttr, ProgLoadAttr } from '../abi/index.ts';
import { type AsmItem, encode } from '../asm/index.ts';
import { BpfError } from '../errors/index.ts';
import { btfLoad, mapCreate, progLoad, type TokenOption } from '../token/commands.ts';

/** The outcome of an attempt to create something: it worked, or the error and what the verifier said. */
export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly error: BpfError; readonly log: string };

export const EPERM = 'EPERM';
const LICENSE: Uint8Array = new TextEncoder().encode('GPL\0');
const SLOT_SIZE = 8;

/** Room for the log of a program of a few instructions. It is reused, because trials are synchronous. */
const log = new Uint8Array(16 * 1024);
const latin1 = new TextDecoder('latin1');

function failed(error: unknown, text: string): Outcome {
  // Wrong arguments, a closed token and the like are mistakes, and must not count as an answer.
  if (!BpfError.is(error) || error.code === 'ERR_BPF_CLOSED') throw error;
  // If a token is mandatory but there is none, the error can have another code than EPERM.
  const code = error.name === 'TokenError' ? EPERM : error.code;
  return { ok: false, code, error, log: text };
}

function tryCreate(create: () => { close(): void }): Outcome {
  try {
    create().close();
    return { ok: true };
  } catch (error) {
    return failed(error, '');
  }
}

/** Creates a map and closes it at once. */
export function tryMap(attr: MapCreateAttr, token: TokenOption): Outcome {
  return tryCreate(() => mapCreate(attr, token));
}

/** Loads BTF and closes it at once. */
export function tryBtf(btf: Uint8Array, token: TokenOption): Outcome {
  return tryCreate(() => btfLoad({ btf, btf_size: btf.length }, token));
}

/** Loads a program and closes it at once. `attr` has everything but instructions, licence and log. */
export function tryProgram(
  attr: ProgLoadAttr,
  instructions: readonly AsmItem[] | Uint8Array,
  token: TokenOption,
): Outcome {
  const insns = instructions instanceof Uint8Array ? instructions : encode(instructions);
  // A program of many instructions would need a large log, and no answer about it depends on the log.
  const logged = insns.length <= 64 * SLOT_SIZE;
  log[0] = 0;
  try {
    progLoad(
      {
        ...attr,
        insns,
        insn_cnt: insns.length / SLOT_SIZE,
        license: LICENSE,
        ...(logged ? { log_buf: log, log_size: log.length, log_level: 1 } : {}),
      },
      token,
    ).close();
    return { ok: true };
  } catch (error) {
    const end = log.indexOf(0);
    return failed(error, logged ? latin1.decode(log.subarray(0, end === -1 ? log.length : end)) : '');
  }
}

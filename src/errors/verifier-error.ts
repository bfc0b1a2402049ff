import { BpfError, type BpfErrorInit } from './bpf-error.ts';
import { brand, isBranded } from './brand.ts';
import { errnoName } from './errno.ts';
import { checkInit } from './init.ts';

/** What a {@link VerifierError} is made from. */
export interface VerifierErrorInit extends Omit<BpfErrorInit, 'code' | 'errno'> {
  /** What the caller knows besides the log. The message ends with it. */
  readonly hint?: string | undefined;
  readonly errno: number;
  /** The log as the kernel wrote it. */
  readonly log: string;
  /** Whether the log did not fit its buffer, so that a part of it is lost. */
  readonly truncated?: boolean | undefined;
}

/** Lines at the end of a log that say nothing about the failure: statistics, or the states of an endless loop. */
const STATISTICS =
  /^(cur state:|old state:|processed \d+ insns|verification time|stack depth|max_states_per_insn|mark_read)/;
/** An instruction, as the verifier prints it before checking it, with what it knows about the registers. */
const INSTRUCTION = /^(\d+: \([0-9a-f]{2}\) .*?)(\s+;.*)?$/;
/** Lines about the verifier's state: paths, registers, calls, back-tracking; and the types of a BTF log. */
const STATE =
  /^(\d+: |\[\d+\] |\w+: (0x)?[0-9a-f]+$|from \d+ to |func#\d|caller:|callee:|to caller at |returning from |frame ?\d|R\d+=|R\d+_w=|; |mark_precise|last_idx|regs=|parent |propagating|Live regs|BEGIN|END|\(\d+\) )/;

/** A source line, as the verifier prints it if the program has line information. */
const SOURCE = /^; (.*?)(?: @ ([^@]*:\d+))?$/;

interface Summary {
  readonly reason: string;
  readonly instruction: string | undefined;
  readonly source: string | undefined;
  readonly omitted: number;
}

/** The lines of a log that say what was wrong, by number; the last of them is `last`. */
function explanation(raw: readonly string[], last: number): number[] {
  const isState = (at: number): boolean => STATE.test(raw[at]?.trim() ?? '');
  // BTF logs indent the members of a type.
  if (raw[last]?.startsWith('\t')) {
    const type = raw.slice(0, last).findLastIndex((line) => /^\[\d+\] /.test(line));
    return type === -1 ? [last] : [type, last];
  }
  // The verifier often explains in two lines: what failed, then what it knows about the register.
  return last > 0 && !isState(last) && !isState(last - 1) ? [last - 1, last] : [last];
}

/**
 * The source line of the instruction on line `at`. It is the nearest one above, because the verifier prints a source
 * line once for all its instructions.
 */
function sourceAbove(raw: readonly string[], at: number): string | undefined {
  for (let i = at - 1; i >= 0; i--) {
    const line = raw[i] ?? '';
    const [, text = '', place] = SOURCE.exec(line) ?? [];
    if (text !== '') return place === undefined ? text.trim() : `${place}: ${text.trim()}`;
    // A function or path begins here: the lines above belong to another one.
    if (/^(from \d+ to |caller:|callee:|returning from |func#\d)/.test(line)) return undefined;
  }
  return undefined;
}

/** Finds what the end of a log says was wrong, and the instruction that it refers to. */
function summarise(log: string): Summary {
  const raw = log.split('\n').filter((line) => line.trim() !== '');
  const last = raw.findLastIndex((line) => !STATISTICS.test(line));
  if (last === -1) return { reason: '', instruction: undefined, source: undefined, omitted: raw.length };
  const lines = explanation(raw, last);
  const reason = lines.map((at) => raw[at]?.trim()).join(': ');
  const instruction = INSTRUCTION.exec(raw[(lines[0] ?? 0) - 1] ?? '')?.[1];
  const source = instruction === undefined ? undefined : sourceAbove(raw, (lines[0] ?? 0) - 1);
  const shown = lines.length + (instruction === undefined ? 0 : 1) + (source === undefined ? 0 : 1);
  return { reason, instruction, source, omitted: raw.length - shown };
}

/**
 * The kernel's verifier rejected a program or BTF. The message has what the end of the log says, the instruction that
 * this refers to with its source line, and the number of lines that were left out. The whole log is in
 * {@link VerifierError.log}.
 *
 * This class does not report a missing permission, unless the verifier itself found that it is missing
 * (`EPERM` or `EACCES` with a log).
 */
export class VerifierError extends BpfError {
  override readonly name: string = 'VerifierError';
  /** The whole log, or as much of it as fitted its buffer. */
  readonly log: string;
  /** Whether a part of the log is lost. */
  readonly truncated: boolean;
  /** What the log says was wrong: its last line, or its last two lines if the verifier explains in two. */
  readonly lastLine: string;
  /** The instruction that was refused, such as `3: (79) r0 = *(u64 *)(r1 +0)`, if the log names it. */
  readonly instruction: string | undefined;
  /** The source line it comes from, such as `count.c:12: return *value;` (without file and line before Linux 6.8). */
  readonly source: string | undefined;
  /** How many lines of the log the message leaves out. */
  readonly omitted: number;

  /** @param what - the action, such as `load program "xdp_main" (xdp)` */
  constructor(what: string, init: VerifierErrorInit) {
    checkInit('VerifierError', init, ['errno', 'log']);
    const { reason, instruction, source, omitted } = summarise(init.log);
    const code = errnoName(init.errno);
    const from = source === undefined ? '' : ` of ${source}`;
    const at = instruction === undefined ? '' : `, at instruction ${instruction}${from}`;
    const rest = omitted === 0 ? '' : ` (${omitted} ${omitted === 1 ? 'line' : 'lines'} omitted)`;
    super(
      `Cannot ${what}: ${code}: ${reason || 'the verifier left no log'}${at}${rest}${init.hint === undefined ? '' : `; ${init.hint}`}`,
      {
        ...init,
        code,
      },
    );
    this.log = init.log;
    this.truncated = init.truncated ?? false;
    this.lastLine = reason;
    this.instruction = instruction;
    this.source = source;
    this.omitted = omitted;
  }

  static {
    brand(VerifierError, 'VerifierError');
  }

  /** Whether `value` is an error of this class, whichever copy of the library made it. */
  static override is(value: unknown): value is VerifierError {
    return isBranded(value, 'VerifierError');
  }
}

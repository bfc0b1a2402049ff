import { BpfError, type BpfErrorInit } from './bpf-error.ts';
import { errnoName } from './errno.ts';

/** What a {@link VerifierError} is made from. */
export interface VerifierErrorInit extends Omit<BpfErrorInit, 'code' | 'errno'> {
  readonly errno: number;
  /** The whole log, as the kernel wrote it. */
  readonly log: string;
}

/** Lines that close a log but say nothing about the failure. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states_per_insn|mark_read)/;

/**
 * The kernel's verifier rejected a program or BTF. The message is the log's last useful line
 * and how many lines were left out; the rest is in {@link VerifierError.log}.
 */
export class VerifierError extends BpfError {
  override readonly name: string = 'VerifierError';
  /** The whole log. */
  readonly log: string;
  /** The log line that says what was wrong. */
  readonly lastLine: string;
  /** How many lines of the log the message leaves out. */
  readonly omitted: number;

  /** @param what - the action, such as `load program "xdp_main" (xdp)` */
  constructor(what: string, init: VerifierErrorInit) {
    const lines = init.log.split('\n').filter((line) => line.trim() !== '');
    const lastLine = lines.findLast((line) => !STATISTICS.test(line)) ?? '';
    const omitted = Math.max(lines.length - 1, 0);
    const code = errnoName(init.errno);
    const rest = omitted === 0 ? '' : ` (${omitted} ${omitted === 1 ? 'line' : 'lines'} omitted)`;
    super(`Cannot ${what}: ${code}: ${lastLine.trim() || 'the verifier left no log'}${rest}`, {
      ...init,
      code,
    });
    this.log = init.log;
    this.lastLine = lastLine.trim();
    this.omitted = omitted;
  }
}

import type { Command, CommandAttrs } from '../abi/index.ts';
import { type Capability, hasSeccompFilter, tryCall } from '../sys/index.ts';
import { type Answer, denied, NO, unknown, YES } from './answer.ts';
import type { Evidence } from './evidence.ts';
import type { Context } from './options.ts';
import { refusedWithoutToken } from './privilege.ts';
import { EPERM, type Outcome } from './trial.ts';

/** How to find out about one feature that is not a type, an attach type or a helper. */
export interface FeatureProbe {
  /** What BTF proves; undefined if it proves nothing. */
  proof?(evidence: Evidence): boolean | undefined;
  /** Asks the kernel. */
  trial(context: Context): Answer;
}

/** `true` is a proof; anything else becomes `undefined`, because a missing function or member proves nothing. */
export function ifTrue(fact: boolean | undefined): true | undefined {
  return fact === true ? true : undefined;
}

/**
 * Calls a bpf(2) command for an object that does not exist. Kernels that know the command say that there is no such
 * object; others say that the command is invalid.
 *
 * @param capability - what the command needs
 */
export function tryCommand<C extends keyof CommandAttrs & Command>(
  command: C,
  attr: CommandAttrs[C],
  capability: Capability = 'bpf',
): Answer {
  const action = `call ${command} to see whether the kernel has it`;
  const error = tryCall(command, attr, action);
  if (typeof error === 'number') return YES;
  switch (error.code) {
    case 'EBADF':
    case 'ENOENT':
      return YES;
    case 'EINVAL':
    case 'E2BIG':
      return NO;
    case 'ENOSYS':
      // A seccomp filter can cause this error too.
      return hasSeccompFilter() === false ? NO : unknown(error);
    case EPERM:
      return denied(refusedWithoutToken(action, command, capability));
    default:
      return unknown(error);
  }
}

/** The answer from an attempt to create something that older kernels refuse as invalid. */
export function judgeCreation(outcome: Outcome): Answer {
  if (outcome.ok) return YES;
  switch (outcome.code) {
    case EPERM:
      return denied(outcome.error);
    case 'EINVAL':
    case 'E2BIG':
      return NO;
    default:
      return unknown(outcome.error);
  }
}

import { TokenError } from '../../errors/index.ts';
import { actionOf, type Need } from '../choice/index.ts';
import type { Explanation, Facts } from './facts.ts';
import { inInitialNamespace } from './in-initial-namespace.ts';
import { inUserNamespace } from './in-user-namespace.ts';

/** Explains a refusal where the user namespace is not known. It speaks of tokens only if there are any. */
function inUnknownNamespace(facts: Facts, need: Need): Explanation {
  if (facts.tokens.length > 0) return inUserNamespace(facts, need);
  const { text, ...fields } = inInitialNamespace(facts, need);
  return {
    ...fields,
    text: `${text}; in a user namespace this also needs a BPF token, and without /proc it is not known whether this process is in one`,
  };
}

function explanation(facts: Facts, need: Need): Explanation {
  if (facts.initial === undefined) return inUnknownNamespace(facts, need);
  return facts.initial ? inInitialNamespace(facts, need) : inUserNamespace(facts, need);
}

/** Works out why a call was refused with EPERM. */
export function explain(need: Need, facts: Facts): TokenError {
  const { text, ...fields } = explanation(facts, need);
  return new TokenError(`Cannot ${actionOf(need)}: EPERM: ${text}`, {
    ...fields,
    candidates: facts.candidates,
    code: 'EPERM',
    errno: 1,
    syscall: 'bpf',
    command: need.command,
  });
}

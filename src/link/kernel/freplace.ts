import { functionIdInBtf, functionNamesInBtf } from '../../btf-object/index.ts';
import { BpfError, didYouMean } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { type Attempt, programText, purposeOf } from '../problems.ts';

/** The number of the function in the BTF of its program. */
function functionId(attempt: Attempt, target: Program, name: string): number {
  const fail = (problem: string): never => {
    throw new BpfError(`Cannot ${purposeOf(attempt).action}: ${problem}`, { code: 'ERR_BPF_ATTACH_TARGET' });
  };
  const { btfId } = target.info();
  if (btfId === 0) return fail(`${programText(target)} has no BTF, so its functions have no names`);
  const id = functionIdInBtf(btfId, name);
  if (id !== undefined) return id;
  return fail(
    `${programText(target)} has no function "${name}"${didYouMean(name, functionNamesInBtf(btfId))}`,
  );
}

/** Lets a program of type `ext` replace a function of another program than the one it was loaded for. @throws BpfError */
export function replaceFunction(program: Program, target: Program, name: string): Link {
  const attempt: Attempt = {
    program,
    target: `function ${name} of ${programText(target)}`,
    since: { feature: 'another target', version: '5.10' },
    explain: {
      EBUSY: 'the function is replaced already, or traced: detach the other program',
      EINVAL:
        'the function does not take and return the same as the one that the program was loaded for, is not global, or is in a program of another type',
    },
  };
  const attr = { target_fd: target.fd.value, target_btf_id: functionId(attempt, target, name) };
  // Such programs have no attach type. The kernel expects the number 0, which is the first one's.
  return createLink(attempt, 'cgroup_inet_ingress', attr, 'tracing');
}

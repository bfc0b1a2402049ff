import { type AttachType, attachTypes } from '../abi/index.ts';
import { exit, mov, r0 } from '../asm/index.ts';
import { BpfError } from '../errors/index.ts';
import { tryCall } from '../sys/index.ts';
import { type Answer, denied, fromFact, NO, unknown, YES } from './answer.ts';
import { tryLink } from './attach-link.ts';
import { attachProbes } from './attach-probes.ts';
import { remembered } from './cache.ts';
import type { Evidence } from './evidence.ts';
import { type Context, contextOf, type ProbeOptions } from './options.ts';
import { refusedWithoutToken } from './privilege.ts';
import { programAttr, programProbes } from './program-probes.ts';
import { judgeProgram, programTypeAnswer } from './program-types.ts';
import { tryProgram } from './trial.ts';

/** What BTF proves about an attach type. */
function proof(type: AttachType, evidence: Evidence): boolean | undefined {
  if (evidence.enumerator('bpf_attach_type', `BPF_${type.toUpperCase()}`) === false) return false;
  const { program, functions = [] } = attachProbes[type];
  return evidence.functions(...programProbes[program].functions, ...functions) ? true : undefined;
}

/** No network device and no descriptor has the highest number. The kernel looks for the target last. */
const NOWHERE = 0x7fff_ffff;

/** Queries a target that does not exist. Needs CAP_NET_ADMIN in the initial user namespace; no token helps. */
function tryQuery(type: AttachType): Answer {
  const action = `ask for programs of attach type ${type}`;
  const attr = { target_ifindex: NOWHERE, attach_type: attachTypes.number(type) };
  const error = tryCall('prog_query', attr, action);
  if (typeof error === 'number') return YES;
  switch (error.code) {
    case 'EBADF':
    case 'ENODEV':
      return YES;
    case 'EINVAL':
      return NO;
    case 'EPERM':
      return denied(refusedWithoutToken(action, 'prog_query', 'net_admin'));
    default:
      return unknown(error);
  }
}

/** Asks the kernel. */
function trial(type: AttachType, context: Context): Answer {
  const { program, method } = attachProbes[type];
  switch (method) {
    case 'load':
      // Every one of these types accepts 1 as the return value.
      return judgeProgram(tryProgram(programAttr(program, type), [mov(r0, 1), exit()], context.token));
    case 'query':
      return tryQuery(type);
    case 'link':
      return tryLink(program, type, context.token);
    case 'btf':
      return unknown(
        new BpfError(
          `Cannot find out about attach type ${type}: only kernel BTF can tell, and it gives no answer`,
          {
            code: 'ERR_BPF_UNKNOWN_FEATURE',
          },
        ),
      );
  }
}

function ask(type: AttachType, context: Context): Answer {
  const { evidence } = context;
  const proven = evidence === undefined ? undefined : fromFact(proof(type, evidence));
  if (proven !== undefined) return proven;
  // Without the program type there is nothing to attach.
  if (programTypeAnswer(attachProbes[type].program, context).answer === 'no') return NO;
  return trial(type, context);
}

/** {@link haveAttachType} with resolved options. */
export function attachTypeAnswer(type: AttachType, context: Context): Answer {
  return remembered(context.answers, `attach type ${type}`, () => ask(type, context));
}

/**
 * Whether the kernel has an attach type: it knows the number, and the code that attaches programs this way is compiled
 * in. Needs no capability if the kernel's BTF shows it. Otherwise this loads a program, or makes a query, which needs
 * CAP_NET_ADMIN in the initial user namespace. For some attach types there is no way to ask.
 *
 * @throws TypeError for an unknown type or option
 */
export function haveAttachType(type: AttachType, options?: ProbeOptions): Answer {
  attachTypes.number(type);
  return attachTypeAnswer(type, contextOf(options));
}

import { type MapType, mapTypes } from '../abi/index.ts';
import { type Answer, denied, fromFact, NO, unknown, YES } from './answer.ts';
import { remembered } from './cache.ts';
import type { Evidence } from './evidence.ts';
import { mapProbes } from './map-probes.ts';
import { type Context, contextOf, type ProbeOptions } from './options.ts';
import { EPERM, type Outcome, tryMap } from './trial.ts';

/** What BTF proves about a map type. */
function proof(type: MapType, evidence: Evidence): boolean | undefined {
  if (evidence.enumerator('bpf_map_type', `BPF_MAP_TYPE_${type.toUpperCase()}`) === false) return false;
  const { functions } = mapProbes[type];
  return functions !== undefined && evidence.functions(...functions) ? true : undefined;
}

/** What an attempt to create a map of a type says about the type. */
export function judgeMap(outcome: Outcome, late: string | undefined): Answer {
  if (outcome.ok || outcome.code === late) return YES;
  switch (outcome.code) {
    case EPERM:
      return denied(outcome.error);
    case 'EINVAL': // no such type, because the attributes are right for it
    case 'E2BIG': // an attribute that came with this type is unknown
    case 'EOPNOTSUPP': // arena without support in the JIT compiler
      return NO;
    default:
      return unknown(outcome.error);
  }
}

function ask(type: MapType, context: Context): Answer {
  const { evidence, token } = context;
  const proven = evidence === undefined ? undefined : fromFact(proof(type, evidence));
  if (proven !== undefined) return proven;
  const { attr, late } = mapProbes[type];
  return judgeMap(tryMap({ map_type: mapTypes.number(type), ...attr }, token), late);
}

/** {@link haveMapType} with resolved options. */
export function mapTypeAnswer(type: MapType, context: Context): Answer {
  return remembered(context.answers, `map type ${type}`, () => ask(type, context));
}

/**
 * Whether the kernel has a map type. Needs no capability if the kernel's BTF shows it. Otherwise this creates a small
 * map, which needs CAP_BPF and for some types CAP_NET_ADMIN, or a token.
 *
 * @throws TypeError for an unknown type or option
 */
export function haveMapType(type: MapType, options?: ProbeOptions): Answer {
  mapTypes.number(type);
  return mapTypeAnswer(type, contextOf(options));
}

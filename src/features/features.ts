import { didYouMean } from '../errors/index.ts';
import { type Answer, fromFact } from './answer.ts';
import { remembered } from './cache.ts';
import { type BtfFeature, btfFeatures } from './feature-btf.ts';
import { type InstructionFeature, instructionFeatures } from './feature-instructions.ts';
import { type LinkFeature, linkFeatures } from './feature-links.ts';
import { type MapFeature, mapFeatures } from './feature-maps.ts';
import type { FeatureProbe } from './feature-probe.ts';
import { type TokenFeature, tokenFeatures } from './feature-tokens.ts';
import { type Context, contextOf, type ProbeOptions } from './options.ts';

const probes: { readonly [feature in Feature]: FeatureProbe } = Object.freeze({
  ...instructionFeatures,
  ...mapFeatures,
  ...btfFeatures,
  ...linkFeatures,
  ...tokenFeatures,
});

/**
 * A feature of the kernel that is not a type, an attach type or a helper:
 *
 * - `large_programs`: programs of more than 4,096 instructions
 * - `bounded_loops`
 * - `isa_v2`, `isa_v3`, `isa_v4`: instruction sets, as compilers name them (`-mcpu=v2` ...)
 * - `map_names`: names for maps and programs
 * - `global_data`: addresses inside the value of an array map
 * - `mmapable_arrays`: array maps mapped into processes
 * - `batch_operations`: many entries of a map in one call
 * - `kernel_btf`: the kernel shows its own types
 * - `btf`, and what BTF may hold: `btf_func`, `btf_func_global`, `btf_datasec`, `btf_float`,
 *   `btf_decl_tag`, `btf_type_tag`, `btf_enum64`
 * - `links`, `link_info`, `bpf_cookies`
 * - `tokens`
 * - `token_info`: OBJ_GET_INFO_BY_FD says what a token permits
 * - `token_for_btf_by_id`: BTF_GET_FD_BY_ID takes a token
 */
export type Feature = InstructionFeature | MapFeature | BtfFeature | LinkFeature | TokenFeature;

/** Every {@link Feature}. */
export const features: readonly Feature[] = Object.freeze(Object.keys(probes) as Feature[]);

function ask(probe: FeatureProbe, context: Context): Answer {
  const { evidence } = context;
  const proven = evidence === undefined ? undefined : fromFact(probe.proof?.(evidence));
  return proven ?? probe.trial(context);
}

/** {@link haveFeature} with resolved options. */
export function featureAnswer(feature: Feature, context: Context): Answer {
  return remembered(context.answers, `feature ${feature}`, () => ask(probes[feature], context));
}

/**
 * Whether the kernel has a feature. Needs no capability if the kernel's BTF shows it. Otherwise most features are tried
 * by creating something small, which needs CAP_BPF or a token.
 *
 * @throws TypeError for an unknown feature or option
 */
export function haveFeature(feature: Feature, options?: ProbeOptions): Answer {
  if (!Object.hasOwn(probes, feature)) {
    throw new TypeError(`Unknown feature "${String(feature)}"${didYouMean(String(feature), features)}`);
  }
  return featureAnswer(feature, contextOf(options));
}

import { BtfBuilder } from '../btf/index.ts';
import { NotSupportedError } from '../errors/index.ts';
import { kernelBtf } from '../sys/index.ts';
import { type Answer, NO, unknown, YES } from './answer.ts';
import type { Evidence } from './evidence.ts';
import { type FeatureProbe, ifTrue, judgeCreation } from './feature-probe.ts';
import { tryBtf } from './trial.ts';

/** A feature that is tried by loading BTF with a certain content. */
function content(
  add: (btf: BtfBuilder, int: number) => void,
  proof: (evidence: Evidence) => boolean | undefined,
): FeatureProbe {
  return {
    proof,
    trial({ token }) {
      const btf = new BtfBuilder();
      add(btf, btf.int('int', 4, 'signed'));
      return judgeCreation(tryBtf(btf.encode(), token));
    },
  };
}

/** Proof by the kernel's function that checks a kind of type. Its address is in a table. */
const checks =
  (kind: string) =>
  (evidence: Evidence): true | undefined =>
    ifTrue(evidence.functions(`btf_${kind}_check_meta`));

function addFunction(btf: BtfBuilder, int: number, linkage: 'static' | 'global'): void {
  btf.func('probe', btf.funcProto(int, [{ name: 'argument', type: int }]), linkage);
}

function kernelHasBtf(): Answer {
  try {
    kernelBtf();
    return YES;
  } catch (error) {
    if (error instanceof NotSupportedError) return NO;
    return unknown(error instanceof Error ? error : String(error));
  }
}

export type BtfFeature =
  | 'kernel_btf'
  | 'btf'
  | 'btf_func'
  | 'btf_func_global'
  | 'btf_datasec'
  | 'btf_float'
  | 'btf_decl_tag'
  | 'btf_type_tag'
  | 'btf_enum64';

export const btfFeatures: { readonly [name in BtfFeature]: FeatureProbe } = {
  kernel_btf: { trial: kernelHasBtf },
  btf: content(
    () => {},
    (evidence) => evidence.enumerator('bpf_cmd', 'BPF_BTF_LOAD'),
  ),
  btf_func: content((btf, int) => addFunction(btf, int, 'static'), checks('func')),
  btf_func_global: content(
    (btf, int) => addFunction(btf, int, 'global'),
    () => undefined,
  ),
  btf_datasec: content((btf, int) => {
    const type = btf.variable('probe', int, 'static');
    btf.dataSection('.data', 4, [{ type, offset: 0, size: 4 }]);
  }, checks('datasec')),
  btf_float: content((btf) => btf.float('float', 4), checks('float')),
  btf_decl_tag: content((btf, int) => {
    const type = btf.variable('probe', int, 'static');
    btf.dataSection('.data', 4, [{ type, offset: 0, size: 4 }]);
    btf.declTag('tag', type);
  }, checks('decl_tag')),
  btf_type_tag: content(
    (btf, int) => btf.ptr(btf.typeTag('tag', int)),
    () => undefined,
  ),
  btf_enum64: content((btf) => btf.enum64('probe', [{ name: 'VALUE', value: 1n }]), checks('enum64')),
};

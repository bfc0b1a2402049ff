import { BtfTypes } from '../btf/index.ts';
import { rejectUnknownOptions, wrongType } from '../errors/index.ts';
import { BTF_STARTS, type Input, kernelBtf, readInputSync } from '../sys/index.ts';
import type { TokenOption } from '../token/commands.ts';
import { type Answers, answersFor } from './cache.ts';
import { Evidence } from './evidence.ts';
import { Privilege } from './privilege.ts';

/** How to probe. */
export interface ProbeOptions {
  /** Which token may be used to try what BTF does not show. Default `ambient`. */
  readonly token?: TokenOption | undefined;
  /**
   * The running kernel's BTF: a file, or its content. Default: /sys/kernel/btf/vmlinux if there is one.
   * `off`: do not use BTF, try everything.
   */
  readonly btf?: 'off' | (string & {}) | Uint8Array | undefined;
}

/** The resolved options of a probe. */
export interface Context {
  readonly token: TokenOption;
  readonly evidence: Evidence | undefined;
  readonly answers: Answers;
  readonly privilege: Privilege;
}

const ofFiles = new Map<string, Evidence>();
const ofBytes = new WeakMap<Uint8Array, Evidence>();
let ofKernel: Evidence | undefined;

/** Undefined if the kernel has no BTF that can be read, or has BTF in a newer form than the library knows. */
function kernelEvidence(): Evidence | undefined {
  try {
    ofKernel ??= new Evidence(kernelBtf());
  } catch {
    return undefined;
  }
  return ofKernel;
}

const btfFile = (file: string): Input => ({ what: `BTF ${file}`, magics: BTF_STARTS, most: 1 << 28 });

function givenEvidence(btf: string | Uint8Array): Evidence {
  const known = typeof btf === 'string' ? ofFiles.get(btf) : ofBytes.get(btf);
  if (known !== undefined) return known;
  const evidence =
    typeof btf === 'string'
      ? new Evidence(BtfTypes.parse(readInputSync(btf, btfFile(btf)), { file: btf }))
      : new Evidence(BtfTypes.parse(btf));
  if (typeof btf === 'string') ofFiles.set(btf, evidence);
  else ofBytes.set(btf, evidence);
  return evidence;
}

/**
 * @throws TypeError for an unknown option
 * @throws FormatError if the bytes or the file are not BTF, BpfError with Node's code if the file cannot be read
 */
export function contextOf(options: ProbeOptions = {}): Context {
  rejectUnknownOptions('probe', options, ['token', 'btf']);
  const { token = 'ambient', btf } = options;
  const found = { token, privilege: new Privilege() };
  if (btf === undefined) return { ...found, evidence: kernelEvidence(), answers: answersFor('kernel') };
  if (btf === 'off') return { ...found, evidence: undefined, answers: answersFor('off') };
  if (typeof btf !== 'string' && !(btf instanceof Uint8Array)) {
    throw wrongType('probe: btf', 'a file, bytes or "off"', btf);
  }
  const answers = answersFor(typeof btf === 'string' ? `file:${btf}` : btf);
  return { ...found, evidence: givenEvidence(btf), answers };
}

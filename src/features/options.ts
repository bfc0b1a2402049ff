import { BtfTypes } from '../btf/index.ts';
import { rejectUnknownOptions, wrongType } from '../errors/index.ts';
import { BTF_STARTS, type Input, kernelBtf, readInputSync } from '../sys/index.ts';
import type { TokenOption } from '../token/commands.ts';
import { type Answers, answersFor } from './cache.ts';
import { Evidence } from './evidence.ts';
import { Privilege } from './privilege.ts';

/** How to probe. */
export interface ProbeOptions {
  /** Which token may be used to try what BTF does not tell. Default `ambient`. */
  readonly token?: TokenOption | undefined;
  /**
   * The running kernel's BTF: a file, or its content. Default: /sys/kernel/btf/vmlinux if there is one.
   * `off`: tell nothing from BTF, try everything.
   */
  readonly btf?: 'off' | (string & {}) | Uint8Array | undefined;
}

/** A probe's surroundings: the options, resolved. */
export interface Context {
  readonly token: TokenOption;
  readonly evidence: Evidence | undefined;
  readonly answers: Answers;
  readonly privilege: Privilege;
}

const ofFiles = new Map<string, Evidence>();
const ofBytes = new WeakMap<Uint8Array, Evidence>();
let ofKernel: Evidence | undefined;

/** Undefined for a kernel without BTF, or with BTF of a later form than the library knows. */
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
 * @throws FormatError for bytes or a file that is not BTF, and BpfError with Node's code for one that cannot be read
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

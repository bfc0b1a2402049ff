import { RelocationError } from '../../errors/index.ts';
import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import type { CoreRelocation } from '../ext/index.ts';
import type { BtfOutline } from '../types.ts';
import { type AccessSpec, parseAccess } from './access.ts';
import { type Candidate, candidatesIn } from './candidates.ts';
import type { CoreValue } from './core-value.ts';
import { describeRelocation, describeType } from './describe.ts';
import { familyOf } from './kinds.ts';
import { matchTarget } from './match.ts';
import { essentialName } from './names.ts';
import { StepCounter, Unrelocatable } from './problem.ts';
import { pointerSizeOf, type Side } from './side.ts';
import { valueFor, valueForMissing } from './value.ts';

/** The value for an instruction. */
export interface CoreResolution {
  /** 64 bits, unsigned. `undefined`: the target has nothing like it, and the instruction must not run. */
  readonly value: bigint | undefined;
  /** What the compiler must have put there, 64 bits, unsigned; `undefined` if that is not known. */
  readonly expected: bigint | undefined;
  /** Bytes of the field here and there, for instructions that load or store it. Only if they differ. */
  readonly resize: { readonly from: number; readonly to: number; readonly safe: boolean } | undefined;
  /** The error: that there is no value, or `problem` if it is given. Made on demand. */
  error(problem?: string): RelocationError;
}

export interface CoreRelocatorOptions {
  /** BTF of kernel modules, each parsed with the kernel's as its base. Used for types that the kernel does not have. */
  readonly modules?: (() => Iterable<BtfTypes>) | undefined;
}

interface Match {
  readonly candidate: Candidate;
  readonly spec: AccessSpec;
  readonly value: CoreValue;
}

/** The subject of relocations. */
interface Part {
  /** In the object's types. */
  readonly spec: AccessSpec;
  /** In types of the kernel that were tried: the same part, or why there is none. */
  readonly matches: Map<Candidate, AccessSpec | string>;
}

interface Refusal {
  readonly candidate: Candidate;
  readonly problem: string;
}

/**
 * Finds the values of one object's CO-RE relocations with the types of one kernel, by the rules of libbpf and the
 * kernel (tools/lib/bpf/relo_core.c). As there, relocations of the same type depend on each other: kernel types that
 * did not match for one are not tried for the next. So ask in the order of the file.
 */
export class CoreRelocator {
  /** The object's own types. */
  readonly local: BtfTypes;
  /** The kernel's types. */
  readonly target: BtfTypes;
  readonly #modules: () => Iterable<BtfTypes>;
  readonly #localSide: Side;
  readonly #pointerSize: number;
  readonly #candidates = new Map<number, readonly Candidate[]>();
  readonly #parts = new Map<string, Part>();
  readonly #resolved = new Map<string, CoreResolution>();

  constructor(local: BtfTypes, target: BtfTypes, options: CoreRelocatorOptions = {}) {
    checkTypes('CoreRelocator: local', local);
    checkTypes('CoreRelocator: target', target);
    this.local = local;
    this.target = target;
    this.#modules = options.modules ?? (() => []);
    // BPF is 64-bit on every machine.
    this.#localSide = { types: local, pointerSize: 8 };
    this.#pointerSize = pointerSizeOf(target);
  }

  /**
   * The value of a relocation.
   *
   * @throws RelocationError when it is malformed, ambiguous, or of a kind that is not known
   * @throws FormatError when types are malformed
   */
  resolve(relocation: CoreRelocation): CoreResolution {
    const key = `${relocation.kind} ${relocation.typeId} ${relocation.access}`;
    let resolution = this.#resolved.get(key);
    if (resolution === undefined) {
      resolution = this.#resolve(relocation);
      this.#resolved.set(key, resolution);
    }
    return resolution;
  }

  #resolve(relocation: CoreRelocation): CoreResolution {
    const { kind, typeId } = relocation;
    const { local } = this;
    const refused: Refusal[] = [];
    let spec: AccessSpec | undefined;
    const error = (problem: string, tried?: readonly Refusal[]): RelocationError =>
      relocationError(local, relocation, spec, problem, tried);
    try {
      const part = this.#partOf(relocation);
      spec = part.spec;
      if (kind === 'type_id_local') {
        return {
          value: BigInt(typeId),
          expected: undefined,
          resize: undefined,
          error: (problem = '') => error(problem),
        };
      }
      const candidates = this.#candidatesOf(typeId);
      const found = this.#match(kind, part, candidates, refused);
      if (found.length > 0 && found.length < candidates.length) {
        this.#candidates.set(
          typeId,
          found.map(({ candidate }) => candidate),
        );
      }
      const none =
        candidates.length === 0
          ? 'the kernel has no type of that name'
          : 'no kernel type of that name has it';
      return {
        ...this.#decide(kind, spec, found[0]),
        error: (problem) => (problem === undefined ? error(none, refused) : error(problem)),
      };
    } catch (cause) {
      if (cause instanceof Unrelocatable) throw error(cause.message);
      throw cause;
    }
  }

  /** A bit field takes several relocations, which say different things about the same part. */
  #partOf(relocation: CoreRelocation): Part {
    const { kind, typeId, access } = relocation;
    const key = `${familyOf(kind) === 'field' ? 'field' : kind} ${typeId} ${access}`;
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = { spec: parseAccess(this.#localSide, relocation), matches: new Map() };
      this.#parts.set(key, part);
    }
    return part;
  }

  /** The types of the kernel, or else of its modules, with the same kind and name without flavour. */
  #candidatesOf(typeId: number): readonly Candidate[] {
    const known = this.#candidates.get(typeId);
    if (known !== undefined) return known;
    const name = this.local.nameOf(typeId);
    if (name === '') throw new Unrelocatable('a type without a name cannot be looked up in the kernel');
    const essential = essentialName(name);
    const kind = this.local.kindOf(typeId);
    let candidates = candidatesIn(this.target, essential, kind);
    if (candidates.length === 0) {
      candidates = [...this.#modules()].flatMap((types) => candidatesIn(types, essential, kind));
    }
    this.#candidates.set(typeId, candidates);
    return candidates;
  }

  #match(
    kind: CoreRelocation['kind'],
    { spec, matches }: Part,
    candidates: readonly Candidate[],
    refused: Refusal[],
  ): Match[] {
    const steps = new StepCounter();
    const found: Match[] = [];
    for (const candidate of candidates) {
      const target = { types: candidate.types, pointerSize: this.#pointerSize };
      let match = matches.get(candidate);
      if (match === undefined) {
        match = matchTarget({ local: this.#localSide, target, steps }, kind, spec, candidate.id);
        matches.set(candidate, match);
      }
      if (typeof match === 'string') {
        refused.push({ candidate, problem: match });
        continue;
      }
      const value = valueFor(target, kind, match, this.local.littleEndian);
      const first = found[0];
      if (first !== undefined && first.spec.bitOffset !== match.bitOffset) {
        throw new Unrelocatable(
          `ambiguous: ${describeMatch(first)} has it at bit ${first.spec.bitOffset}, ` +
            `type ${candidate.id} at bit ${match.bitOffset}`,
        );
      }
      if (first !== undefined && first.value.value !== value.value) {
        throw new Unrelocatable(
          `ambiguous: ${describeMatch(first)} gives ${first.value.value}, type ${candidate.id} ${value.value}`,
        );
      }
      found.push({ candidate, spec: match, value });
    }
    return found;
  }

  #decide(
    kind: CoreRelocation['kind'],
    spec: AccessSpec,
    match: Match | undefined,
  ): Omit<CoreResolution, 'error'> {
    // The object's own value is computed even if it is not used, to refuse what is malformed.
    const own = valueFor(this.#localSide, kind, spec, this.local.littleEndian);
    const expected = own.check ? own.value : undefined;
    if (match === undefined) return { value: valueForMissing(kind), expected, resize: undefined };
    return { value: match.value.value, expected, resize: resizeOf(own, match.value) };
  }
}

function describeMatch({ candidate: { types, id } }: Match): string {
  return `${describeType(types, id)} (type ${id})`;
}

function relocationError(
  local: BtfTypes,
  relocation: CoreRelocation,
  spec: AccessSpec | undefined,
  problem: string,
  tried: readonly Refusal[] = [],
): RelocationError {
  const { kind } = relocation;
  return new RelocationError(problem, {
    kind: familyOf(kind) === undefined ? `kind ${kind}` : kind,
    path: describeRelocation(local, relocation, spec),
    candidates: tried.map(({ candidate: { types, id }, problem }) => ({
      name: describeType(types, id),
      typeId: id,
      problem,
    })),
  });
}

/**
 * Whether a load or store of a field needs another size. Only pointers and unsigned integers keep their values when
 * they are extended with zeros.
 */
function resizeOf(own: CoreValue, found: CoreValue): CoreResolution['resize'] {
  const here = own.access;
  const there = found.access;
  const from = here?.size ?? 0;
  const to = there?.size ?? 0;
  if (from === to) return undefined;
  const pointers = here?.type.kind === 'ptr' && there?.type.kind === 'ptr';
  return { from, to, safe: pointers || (isUnsigned(here?.type) && isUnsigned(there?.type)) };
}

function isUnsigned(type: BtfOutline | undefined): boolean {
  return type?.kind === 'int' && type.encoding !== 'signed';
}

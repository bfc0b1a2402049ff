import { BpfError, checkString } from '../errors/index.ts';
import { EM_386, EM_AARCH64, EM_X86_64 } from './constants.ts';
import { usdtRegister } from './usdt-registers.ts';

/** Where the value of an argument of a USDT probe is while the program is at the probe. */
export type UsdtPlace =
  | { readonly kind: 'constant'; readonly value: bigint }
  /** A register of 64 bits, such as `rdi` or `x0`. Only `ah`, `bh`, `ch` and `dh` are parts of one. */
  | { readonly kind: 'register'; readonly register: string }
  /** In memory: at `base + index * scale + offset`. */
  | {
      readonly kind: 'memory';
      readonly base: string;
      readonly index: string | undefined;
      readonly scale: number;
      readonly offset: bigint;
    }
  /** In memory: at the address of a symbol of the file, plus an offset. */
  | { readonly kind: 'variable'; readonly symbol: string; readonly offset: bigint };

/** An argument of a USDT probe. */
export interface UsdtArgument {
  /** Bytes: 1, 2, 4 or 8. */
  readonly size: number;
  readonly signed: boolean;
  readonly place: UsdtPlace;
}

const NUMBER = '-?(?:0x[0-9a-f]+|\\d+)';
/** A place ends where the next argument may begin. */
const END = '(?=\\s|$)';

interface Form {
  readonly pattern: RegExp;
  readonly read: (groups: readonly (string | undefined)[], register: Register) => UsdtPlace;
}
type Register = (name: string | undefined) => string;

function form(pattern: string, read: Form['read']): Form {
  return { pattern: new RegExp(`${pattern}${END}`, 'iy'), read };
}

/** BigInt() takes no sign before hexadecimal digits. */
const integer = (text = '0'): bigint => (text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text));

const constant: Form['read'] = ([, value]) => ({ kind: 'constant', value: integer(value) });
const inRegister: Form['read'] = ([, name], register) => ({ kind: 'register', register: register(name) });
const memory = (
  base: string,
  offset: string | undefined,
  index: string | undefined,
  scale = '1',
): UsdtPlace => ({ kind: 'memory', base, index, scale: Number(scale), offset: integer(offset) });

const makeX86Forms = (): readonly Form[] => [
  form(`\\$(${NUMBER})`, constant),
  form('%(\\w+)', inRegister),
  form(
    `(${NUMBER})?\\(\\s*%(\\w+)\\s*(?:,\\s*%(\\w+)\\s*(?:,\\s*([1248])\\s*)?)?\\)`,
    ([, offset, base, index, scale], register) =>
      memory(register(base), offset, index === undefined ? undefined : register(index), scale),
  ),
  // A position after %rip is the symbol's address: the assembler computes the distance.
  form(
    `(?:(${NUMBER})\\+)?([a-z_.][\\w.$]*)([+-]\\d+)?(?:\\(%rip\\))?`,
    ([, before, symbol = '', after]) => ({
      kind: 'variable',
      symbol,
      offset: integer(before) + integer(after?.replace('+', '')),
    }),
  ),
];

const makeArmForms = (): readonly Form[] => [
  form(`#?(${NUMBER})`, constant),
  form('(\\w+)', inRegister),
  form(`\\[\\s*(\\w+)\\s*(?:,\\s*#?(${NUMBER})\\s*)?\\]`, ([, base, offset], register) =>
    memory(register(base), offset, undefined),
  ),
];

let x86Forms: readonly Form[] | undefined;
let armForms: readonly Form[] | undefined;

function formsOf(machine: number): readonly Form[] {
  if (machine === EM_X86_64 || machine === EM_386) {
    x86Forms ??= makeX86Forms();
    return x86Forms;
  }
  if (machine === EM_AARCH64) {
    armForms ??= makeArmForms();
    return armForms;
  }
  throw unreadable(`its processor (e_machine ${machine}) is neither x86 nor arm64`);
}

const unreadable = (problem: string): BpfError =>
  new BpfError(`Cannot read the arguments of a USDT probe: ${problem}`, { code: 'ERR_BPF_USDT_ARGUMENT' });

/** `-4@`, `8f@` */
const SIZE = /(-?)(\d+)(f?)@\s*/y;
const SPACE = /\s*/y;

class Arguments {
  readonly #text: string;
  readonly #machine: number;
  readonly #forms: readonly Form[];
  #at = 0;

  constructor(text: string, machine: number) {
    this.#text = text;
    this.#machine = machine;
    this.#forms = formsOf(machine);
  }

  read(): UsdtArgument[] {
    const found: UsdtArgument[] = [];
    for (;;) {
      this.#match(SPACE);
      const start = this.#at;
      if (start === this.#text.length) return found;
      const matched = this.#match(SIZE);
      if (matched === undefined) throw this.#error(start, 'it does not begin with a size and @');
      const [, sign, digits, float] = matched;
      if (float !== '')
        throw this.#error(start, 'it is a floating-point number, which BPF programs cannot read');
      const size = Number(digits);
      if (![1, 2, 4, 8].includes(size)) throw this.#error(start, `its size is ${digits}, not 1, 2, 4 or 8`);
      found.push({ size, signed: sign === '-', place: this.#place(start) });
    }
  }

  #place(start: number): UsdtPlace {
    const register: Register = (name = '') => {
      const found = usdtRegister(name.toLowerCase(), this.#machine);
      if (found === undefined) throw this.#error(start, `BPF programs cannot read register ${name}`);
      return found;
    };
    for (const { pattern, read } of this.#forms) {
      const matched = this.#match(pattern);
      if (matched !== undefined) return read(matched, register);
    }
    throw this.#error(start, 'its place is written in a way that this library does not know');
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  /** Names the argument. Its end is not known: a space may be part of it. */
  #error(start: number, problem: string): BpfError {
    return unreadable(`"${this.#text.slice(start).trim().slice(0, 60)}": ${problem}`);
  }
}

/**
 * Reads where the arguments of a USDT probe are, such as `-4@%edi 8@-16(%rbp) 8@$5` for x86 and `-4@x0 8@[sp, 16]` for
 * arm64.
 *
 * @param machine - `e_machine` of the file, which says how registers are written
 * @throws BpfError `ERR_BPF_USDT_ARGUMENT` for what BPF programs cannot read, such as floating-point numbers, and for
 *   what is written in another way
 * @throws TypeError if the text is not a string
 */
export function parseUsdtArguments(text: string, machine: number): UsdtArgument[] {
  checkString('parseUsdtArguments: text', text);
  return new Arguments(text, machine).read();
}

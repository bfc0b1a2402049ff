import { type Codec, nameRoot } from '../../bytes/codec/index.ts';
import { readAnew } from '../../sys/index.ts';
import type { VariableSpec } from '../spec/types.ts';
import type { DataSection } from './data-section.ts';

/**
 * A global variable of a loaded collection. Its memory is nearly always mapped: reads and writes are then memory
 * accesses without a system call. Nothing orders them with what BPF programs do. A value wider than the machine's word
 * can be seen half written.
 *
 * Static variables cannot be mapped if there is no global one in their section. Writing one then writes the whole
 * section, and may undo what a program wrote in the meantime.
 */
export class Variable<T = unknown> {
  readonly name: string;
  /** Whether only the load can set it (`const volatile`): give its value in the option `variables`. */
  readonly constant: boolean;
  readonly #section: DataSection;
  readonly #makeCodec: () => Codec<T>;
  readonly #offset: number;
  #made: Codec<T> | undefined;

  /**
   * @param codec - makes the codec, when the variable is first used
   * @internal
   */
  constructor(spec: VariableSpec, section: DataSection, codec: () => Codec<T>) {
    this.name = spec.name;
    this.constant = spec.constant;
    this.#section = section;
    this.#makeCodec = codec;
    this.#offset = spec.offset;
  }

  get #codec(): Codec<T> {
    this.#made ??= this.#makeCodec();
    return this.#made;
  }

  /** @throws ClosedError */
  get(): T {
    const view = this.#section.view();
    readAnew();
    return this.#codec.decode(view, this.#offset);
  }

  /**
   * @throws TypeError, RangeError when the value does not fit its type; TypeError for constants
   * @throws ClosedError
   */
  set(value: T): void {
    if (this.constant) {
      throw new TypeError(
        `Cannot set variable "${this.name}": it is constant after the load: give its value in options.variables`,
      );
    }
    this.#section.write((view) => encodeVariable(this.#codec, view, this.#offset, this.name, value));
  }
}

/** Writes a variable's value; errors name the variable. */
export function encodeVariable<T>(
  codec: Codec<T>,
  view: DataView,
  offset: number,
  name: string,
  value: T,
): void {
  try {
    codec.encode(view, offset, value);
  } catch (error) {
    throw nameRoot(error, `variable "${name}"`);
  }
}

import { BpfError } from './bpf-error.ts';
import { brand, isBranded } from './brand.ts';

/** Where in its input a {@link FormatError} was found. */
export interface FormatErrorInit {
  /** The file, if the input came from one. */
  readonly file?: string | undefined;
  /** The section or structure, such as `.BTF` or `.BTF type 12`. */
  readonly section?: string | undefined;
  /** Byte offset within the section, or within the file if there is no section. */
  readonly offset?: number | undefined;
  readonly cause?: unknown;
}

/** Input that is not what its format prescribes. Code `ERR_BPF_FORMAT`. */
export class FormatError extends BpfError {
  override readonly name: string = 'FormatError';
  readonly file: string | undefined;
  readonly section: string | undefined;
  readonly offset: number | undefined;

  /** @param problem - what was found and what was expected, with the value seen */
  constructor(problem: string, init: FormatErrorInit = {}) {
    const where = [
      init.file,
      init.section,
      init.offset === undefined ? undefined : `offset ${init.offset}`,
    ].filter((part) => part !== undefined);
    super(where.length > 0 ? `${where.join(', ')}: ${problem}` : problem, {
      code: 'ERR_BPF_FORMAT',
      cause: init.cause,
    });
    this.file = init.file;
    this.section = init.section;
    this.offset = init.offset;
  }

  static {
    brand(FormatError, 'FormatError');
  }

  /** Whether `value` is an error of this class, whichever copy of the library made it. */
  static override is(value: unknown): value is FormatError {
    return isBranded(value, 'FormatError');
  }
}

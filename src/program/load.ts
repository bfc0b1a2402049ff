import type { ProgLoadAttr } from '../abi/index.ts';
import { bytesOf } from '../bytes/index.ts';
import { Fd } from '../sys/index.ts';
import { progLoad, progLoadAsync } from '../token/commands.ts';
import { type Loaded, type LogRequest, loadLogged, loadLoggedAsync } from '../verifier-log/index.ts';
import { type Access, programAttributes } from './attributes.ts';
import { explainLack } from './lacking.ts';
import { checkOptions, type DescriptorHolder, type ProgramOptions } from './options.ts';

/** `program "count" (xdp)`, for errors. */
export function describeProgram(options: {
  readonly name?: string | undefined;
  readonly type?: string;
}): string {
  const { name, type } = options;
  return ['program', name ? JSON.stringify(name) : '', type ? `(${type})` : ''].filter(Boolean).join(' ');
}

function withLog(base: ProgLoadAttr, log: LogRequest | undefined): ProgLoadAttr {
  if (log === undefined) return base;
  const { level, buffer } = log;
  return { ...base, log_buf: buffer, log_size: buffer.length, log_level: level, log_true_size: 0 };
}

function noteSize(log: LogRequest | undefined, { log_true_size = 0 }: ProgLoadAttr): void {
  if (log !== undefined) log.trueSize = log_true_size;
}

/** For a load that the caller waits for: nothing can change during it, so it needs no copies. */
const AS_IT_IS: Access = { descriptor: (holder) => holder.fd.value, bytes: bytesOf };

/** Loads a program while the caller waits. */
export function loadSync(options: ProgramOptions): Loaded {
  checkOptions(options);
  const base = programAttributes(options, AS_IT_IS);
  try {
    return loadLogged(
      () => `load ${describeProgram(options)}`,
      options,
      (log) => {
        const attr = withLog(base, log);
        try {
          return progLoad(attr, options.token, options.name);
        } finally {
          noteSize(log, attr);
        }
      },
    );
  } catch (error) {
    throw explainLack(error, options, describeProgram(options), base.insn_cnt ?? 0);
  }
}

/**
 * Copies of what a load uses. While the kernel is still reading, the caller may change the bytes or close the maps. The
 * numbers of their descriptors could then mean something else.
 */
class Copies implements Access {
  readonly #copies = new Map<DescriptorHolder, Fd>();

  bytes(bytes: Uint8Array): Uint8Array {
    return new Uint8Array(bytesOf(bytes));
  }

  descriptor(holder: DescriptorHolder): number {
    const known = this.#copies.get(holder);
    if (known !== undefined) return known.value;
    const { fd } = holder;
    if (!(fd instanceof Fd)) return fd.value;
    const copy = fd.duplicate();
    this.#copies.set(holder, copy);
    return copy.value;
  }

  [Symbol.dispose](): void {
    for (const copy of this.#copies.values()) copy.close();
  }
}

/** Loads a program on its own thread. It uses the options as they are when it is called. */
export async function load(given: ProgramOptions): Promise<Loaded> {
  checkOptions(given);
  const options = { ...given };
  const copies = new Copies();
  let count = 0;
  try {
    const base = programAttributes(options, copies);
    count = base.insn_cnt ?? 0;
    return await loadLoggedAsync(
      () => `load ${describeProgram(options)}`,
      options,
      (log) => {
        const attr = withLog(base, log);
        return progLoadAsync(attr, options.token, options.name).finally(() => noteSize(log, attr));
      },
    );
  } catch (error) {
    throw explainLack(error, options, describeProgram(options), count);
  } finally {
    copies[Symbol.dispose]();
  }
}

import type { ProgLoadAttr } from '../abi/index.ts';
import { BpfError } from '../errors/index.ts';
import { Fd } from '../sys/index.ts';
import { progLoad, progLoadAsync } from '../token/commands.ts';
import { attempts, type Loaded, type Outcome } from './attempts.ts';
import { programAttributes } from './attributes.ts';
import { checkOptions, type DescriptorHolder, type ProgramOptions } from './options.ts';

/** `program "count" (xdp)`, for errors. */
export function describeProgram(options: {
  readonly name?: string | undefined;
  readonly type?: string;
}): string {
  const { name, type } = options;
  return ['program', name ? JSON.stringify(name) : '', type ? `(${type})` : ''].filter(Boolean).join(' ');
}

function outcomeOf(error: unknown): BpfError {
  if (BpfError.is(error) && error.errno !== undefined) return error;
  throw error;
}

/** Loads a program while the caller waits. */
export function loadSync(options: ProgramOptions): Loaded {
  checkOptions(options);
  const attr = programAttributes(options, (holder) => holder.fd.value);
  const steps = attempts(`load ${describeProgram(options)}`, attr, options);
  for (let step = steps.next(); ; ) {
    if (step.done) return step.value;
    let outcome: Outcome;
    try {
      outcome = progLoad(step.value, options.token);
    } catch (error) {
      outcome = outcomeOf(error);
    }
    step = steps.next(outcome);
  }
}

/**
 * Copies of the descriptors that a load uses: the caller may close its maps while the kernel is still
 * reading, and their numbers would then mean something else.
 */
class Copies {
  readonly #copies = new Map<DescriptorHolder, Fd>();

  of(holder: DescriptorHolder): number {
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

async function attempt(attr: ProgLoadAttr, options: ProgramOptions): Promise<Outcome> {
  try {
    return await progLoadAsync(attr, options.token);
  } catch (error) {
    return outcomeOf(error);
  }
}

/** Loads a program on a worker thread. */
export async function load(options: ProgramOptions): Promise<Loaded> {
  checkOptions(options);
  const copies = new Copies();
  try {
    const attr = programAttributes(options, (holder) => copies.of(holder));
    const steps = attempts(`load ${describeProgram(options)}`, attr, options);
    for (let step = steps.next(); ; ) {
      if (step.done) return step.value;
      step = steps.next(await attempt(step.value, options));
    }
  } finally {
    copies[Symbol.dispose]();
  }
}

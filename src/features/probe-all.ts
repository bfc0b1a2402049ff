import {
  type AttachType,
  attachTypes,
  type Helper,
  helpers,
  type MapType,
  mapTypes,
  type NameTable,
  type ProgramType,
  programTypes,
} from '../abi/index.ts';
import { BpfError, rejectUnknownOptions } from '../errors/index.ts';
import { type Answer, unknown } from './answer.ts';
import { attachTypeAnswer } from './attach-types.ts';
import { type Feature, featureAnswer, features } from './features.ts';
import { HelperProbe } from './helpers.ts';
import { mapTypeAnswer } from './map-types.ts';
import { type Context, contextOf, type ProbeOptions } from './options.ts';
import { programTypeAnswer } from './program-types.ts';

/** Answers by name. Every name that the library knows has one. */
export type Answers<N extends string> = { readonly [name in N]: Answer };

/** Everything that {@link probeAll} found out. */
export interface FeatureReport {
  readonly programTypes: Answers<Exclude<ProgramType, 'unspec'>>;
  readonly mapTypes: Answers<Exclude<MapType, 'unspec'>>;
  readonly attachTypes: Answers<AttachType>;
  readonly features: Answers<Feature>;
  /** By program type; only if asked for. */
  readonly helpers?: {
    readonly [type in Exclude<ProgramType, 'unspec'>]: Answers<Exclude<Helper, 'unspec'>>;
  };
}

/** What {@link probeAll} takes. */
export interface ProbeAllOptions extends ProbeOptions {
  /** Also ask about every helper for every program type: about 7,000 programs, one second. Default false. */
  readonly helpers?: boolean | undefined;
}

/**
 * Helpers that {@link probeAll} does not ask about, because the kernel writes a warning to its log when a program that
 * calls one is loaded.
 */
const NOISY: ReadonlySet<string> = new Set<Helper>(['trace_printk', 'trace_vprintk', 'probe_write_user']);

/** The longest time that the event loop is kept busy without a pause, in milliseconds. */
const SLICE = 10;

class Pause {
  #since = performance.now();

  /** Lets the event loop run, if it is time for that. */
  async here(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

function valid<N extends string>(names: readonly N[]): Exclude<N, 'unspec'>[] {
  return names.filter((name): name is Exclude<N, 'unspec'> => name !== 'unspec');
}

async function each<N extends string>(
  names: readonly N[],
  pause: Pause,
  ask: (name: N) => Answer,
): Promise<Answers<N>> {
  const answers: [N, Answer][] = [];
  for (const name of names) {
    answers.push([name, ask(name)]);
    await pause.here();
  }
  return Object.fromEntries(answers) as Answers<N>;
}

function noisy(helper: string): Answer {
  return unknown(
    new BpfError(
      `Cannot find out about helper ${helper} while asking about all: asking makes the kernel write a warning to its log`,
      {
        code: 'ERR_BPF_UNKNOWN_FEATURE',
      },
    ),
  );
}

async function eachHelper(context: Context, pause: Pause): Promise<Required<FeatureReport>['helpers']> {
  const found: [ProgramType, Answers<Exclude<Helper, 'unspec'>>][] = [];
  for (const type of valid(programTypes.names)) {
    const probe = new HelperProbe(type, context);
    const ask = (helper: Helper): Answer => (NOISY.has(helper) ? noisy(helper) : probe.ask(helper));
    found.push([type, await each(valid(helpers.names), pause, ask)]);
  }
  return Object.fromEntries(found) as Required<FeatureReport>['helpers'];
}

/**
 * Asks about everything that the library has a name for. The event loop is never blocked for long.
 *
 * @throws TypeError for an unknown option
 */
export async function probeAll(options: ProbeAllOptions = {}): Promise<FeatureReport> {
  rejectUnknownOptions('probeAll', options, ['token', 'btf', 'helpers']);
  const { helpers: withHelpers = false, ...rest } = options;
  const context = contextOf(rest);
  const pause = new Pause();
  const table = <N extends string>(names: NameTable<N>, ask: (name: N, context: Context) => Answer) =>
    each(valid(names.names), pause, (name) => ask(name, context));
  const report = {
    programTypes: await table(programTypes, programTypeAnswer),
    mapTypes: await table(mapTypes, mapTypeAnswer),
    attachTypes: await each(attachTypes.names, pause, (name) => attachTypeAnswer(name, context)),
    features: await each(features, pause, (name) => featureAnswer(name, context)),
  };
  return withHelpers ? { ...report, helpers: await eachHelper(context, pause) } : report;
}

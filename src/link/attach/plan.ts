import { addToMessage, reword } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import type { Link } from '../link.ts';
import { programText } from '../problems.ts';
import type { Given, Place } from './way.ts';
import { wayOf } from './ways.ts';

/** The places that one option names for many programs. */
export type Places = { readonly [place in Place]?: unknown };

/** One program, ready to be attached. */
export interface PlannedAttach {
  /** @throws BpfError, TypeError, RangeError that name the program and its section */
  attach(): Link;
}

/** Why nothing says where a program is to be attached. */
export interface Unattachable {
  readonly reason: string;
}

/** `program "count" (xdp) of SEC("xdp")` */
const inFull = (program: Program): string => {
  const { section } = program;
  return section === undefined
    ? programText(program)
    : `${programText(program)} of SEC(${JSON.stringify(section)})`;
};

/**
 * Finds out how a program is attached, and puts its options together: what its section says, then the shared places,
 * then its own options. Attaches nothing.
 *
 * @param own - the options for this program; `undefined` if it was not named
 * @throws TypeError if the section cannot be read
 */
export function planAttach(
  what: string,
  program: Program,
  own: Given | undefined,
  places: Places = {},
): PlannedAttach | Unattachable {
  const way = wayOf(program);
  if ('reason' in way) return way;
  const { place } = way;
  const shared = place === undefined ? undefined : places[place.from];
  if (way.onlyIfNamed === true && own === undefined && shared === undefined) {
    return { reason: `no option says where: give ${place?.from ?? 'options for it'}` };
  }
  const given = defined(own ?? {});
  try {
    const options: Given = {
      ...way.said?.(program, program.attachTo, given),
      ...(place === undefined || shared === undefined ? {} : { [place.to]: shared }),
      ...given,
    };
    const missing = way.missing?.(options, program);
    if (missing !== undefined) return { reason: `no option says where: ${missing}${onlyThese(given)}` };
    return {
      attach: () => {
        try {
          return way.attach(program, options);
        } catch (error) {
          throw naming(what, program, error);
        }
      },
    };
  } catch (error) {
    throw naming(what, program, error);
  }
}

/** Without those that are undefined, which mean the same as those that are left out. */
function defined(options: Given): Given {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The options that were given but do not say where. One of them may be misspelled. */
function onlyThese(given: Given): string {
  const names = Object.keys(given);
  return names.length === 0 ? '' : ` (given: ${names.join(', ')})`;
}

/** Says which program the error is about, and its section. */
function naming(what: string, program: Program, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [short, full] = [programText(program), inFull(program)];
  if (!error.message.includes(short)) addToMessage(error, { before: `${what}: ${full}: ` });
  else if (short !== full)
    reword(
      error,
      error.message.replace(short, () => full),
    );
  return error;
}

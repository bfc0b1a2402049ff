import type { Program } from '../../program/index.ts';
import type { Link } from '../link.ts';

/** Options by their names, before the attach function checks them. */
export type Given = { readonly [name: string]: unknown };

/** A place that one option names for many programs: the names that `collection.attach` gives these options. */
export type Place = 'interface' | 'cgroup' | 'netns';

/** How programs of one kind are attached. */
export interface Way {
  /** The function that attaches them, which checks all options. */
  attach(program: Program, options: Given): Link;
  /**
   * The options that follow from the program itself: from what its section says after the `/` (`attachTo`), or from its
   * attach type. Those that the user gives win.
   *
   * @throws TypeError if the section cannot be read
   */
  readonly said?: ((program: Program, attachTo: string | undefined, given: Given) => Given) | undefined;
  /** The shared option that says where to attach, and what {@link attach} calls it. */
  readonly place?: { readonly from: Place; readonly to: string } | undefined;
  /**
   * What is still missing, as `give interface` or `give family, hook and priority`. `undefined` if the options are
   * enough.
   */
  readonly missing?: ((options: Given, program: Program) => string | undefined) | undefined;
  /** Whether the place has a default that is only used if the user names the program. */
  readonly onlyIfNamed?: boolean | undefined;
}

/** Why programs of a kind are not attached by this library or at all. */
export interface NoWay {
  readonly reason: string;
}

/** An attach function, with options that are not checked yet: the function checks them itself. */
type AnyAttach = (program: Program, options: never) => ReturnType<Way['attach']>;

/** The way of kinds that a function attaches. */
export const by = (attach: AnyAttach): Way['attach'] => attach as Way['attach'];

/** Says which of these options are missing. */
export function needs(...names: readonly string[]): (options: Given) => string | undefined {
  return (options) => {
    const missing = names.filter((name) => options[name] === undefined);
    if (missing.length === 0) return undefined;
    return `give ${missing.length < 2 ? missing[0] : `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)}`}`;
  };
}

/** Why programs of a kind have no way. */
export const reason = (text: string): NoWay => ({ reason: text });

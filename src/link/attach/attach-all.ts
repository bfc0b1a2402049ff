import type { Program } from '../../program/index.ts';
import type { Link } from '../link.ts';
import { type CollectionAttachOptions, checkAttachOptions } from './collection-options.ts';
import { closeAll, LinkSet, type Links, type SkippedProgram } from './links.ts';
import { planAttach } from './plan.ts';

/** What {@link attachAll} needs of a struct_ops. */
interface Registrable {
  /** Whether it is registered by a link. */
  readonly link: boolean;
  register(): Link;
}

/** What there is to attach. */
export interface Attachable {
  readonly programs: { readonly [name: string]: Program };
  readonly structOps: { readonly [name: string]: Registrable };
}

/**
 * Attaches what sections and options say where. First finds out how each program is attached, then attaches them all; if
 * one is refused, those before it are closed again.
 *
 * @throws TypeError, RangeError for wrong options; BpfError that names the program and its section
 */
export function attachAll({ programs, structOps }: Attachable, options: CollectionAttachOptions): Links {
  checkAttachOptions(options, [...Object.keys(programs), ...Object.keys(structOps)]);
  const wanted = (name: string): boolean =>
    options.skip?.includes(name) !== true && options.only?.includes(name) !== false;
  const steps: (readonly [name: string, attach: () => Link])[] = [];
  const skipped: SkippedProgram[] = [];
  for (const [name, program] of Object.entries(programs)) {
    // The programs of a struct_ops are attached with it.
    if (!wanted(name) || program.type === 'struct_ops') continue;
    const own = options.programs?.[name];
    const planned = planAttach(
      'collection.attach',
      program,
      own as { readonly [name: string]: unknown },
      options,
    );
    if ('reason' in planned) skipped.push({ program: name, reason: planned.reason });
    else steps.push([name, planned.attach]);
  }
  for (const [name, struct] of Object.entries(structOps)) {
    if (!wanted(name)) continue;
    if (struct.link) steps.push([name, () => struct.register()]);
    else
      skipped.push({
        program: name,
        reason: `it has no link and outlives this process: use structOps.${name}.register()`,
      });
  }
  return new LinkSet(attachInTurn(steps), skipped) as Links;
}

function attachInTurn(steps: readonly (readonly [name: string, attach: () => Link])[]): Map<string, Link> {
  const links = new Map<string, Link>();
  try {
    for (const [name, attach] of steps) links.set(name, attach());
  } catch (error) {
    closeAll([...links.values()]);
    throw error;
  }
  return links;
}

import { checkObject, checkOwner } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import type { Link } from '../link.ts';
import { programText } from '../problems.ts';
import type { AttachOptions } from './options.ts';
import { planAttach } from './plan.ts';
import type { Given } from './way.ts';

/**
 * Attaches a program to the place that its section names, such as `SEC("tp/sched/sched_switch")`. What the section
 * cannot say comes from the options, which are those of the function for this kind of program: `{ interface: 'eth0' }`
 * for XDP. A program has a section if it comes from an object file, or was loaded with the option `section`.
 *
 * If you forget the link, the garbage collector closes it ({@link Link.keep}). The rights that it takes are those of the
 * function for this kind: see docs/links.md.
 *
 * @throws TypeError if section and options do not say where to attach, or say it wrongly; RangeError
 * @throws BpfError, NotSupportedError what the function for this kind throws
 * @example
 * using collection = await Collection.load('tools.o');
 * const { on_switch: program } = collection.programs;
 * using link = program && attach(program);
 */
export function attach(program: Program, options: AttachOptions = {}): Link {
  checkOwner('attach: program', program, 'a Program');
  checkObject('attach: options', options);
  const planned = planAttach('attach', program, options as Given);
  if ('reason' in planned) throw new TypeError(`attach: ${programText(program)}: ${planned.reason}`);
  return planned.attach();
}

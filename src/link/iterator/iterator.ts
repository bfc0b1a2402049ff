import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, tooOld } from '../problems.ts';
import {
  checkIteratorOptions,
  ITERATOR_OPTIONS,
  type IteratorOptions,
  withIteratorParameters,
} from './iterator-parameters.ts';

const PARAMETERS = { feature: 'an iterator over a cgroup or a task', version: '6.1' } as const;
const CHILDREN = { feature: 'the order "children"', version: '7.0' } as const;

function whyInvalid({ order, cgroup, threadId, processId, pidfd }: IteratorOptions): string {
  if (order === 'children') {
    const old = tooOld(CHILDREN);
    if (old !== undefined) return old;
  }
  const parameter = order ?? cgroup ?? threadId ?? processId ?? pidfd;
  return (
    (parameter === undefined ? undefined : tooOld(PARAMETERS)) ??
    'it is not an iterator, or it walks over a map that was not given or has the wrong type, or over cgroups and was given no order'
  );
}

/**
 * Attaches an iterator: a program of type `tracing` that was loaded for `trace_iter`. Each time it is read
 * (`readIterator`, `streamIterator`), the kernel calls the program for each of its objects of one kind, or for those
 * that the options name.
 *
 * The kernel checks the right, CAP_PERFMON, when the program is loaded, so this works under a BPF token. Linux >= 5.8.
 * If the link is forgotten, the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws BpfError `EINVAL` if the program is not an iterator or lacks its map; `ENOENT` and similar for the folder of a
 *   cgroup; `EBADF` for a descriptor of something else
 * @throws TypeError, RangeError for wrong options, for options that this iterator does not take, and for programs of
 *   another type
 */
export function attachIterator(program: Program, options: IteratorOptions = {}): Link {
  rejectUnknownOptions('attachIterator', options, ITERATOR_OPTIONS);
  checkType('attachIterator', program, ['tracing'], options);
  checkIteratorOptions(program, options);
  const attempt = {
    program,
    target: 'what it walks over',
    explain: {
      EINVAL: () => whyInvalid(options),
      E2BIG: () => tooOld(PARAMETERS),
      EBADF: 'the map, the folder of the cgroup or the pidfd is not what it should be, or is no longer open',
      ESRCH: 'there is no such process',
    },
  };
  return withIteratorParameters(attempt, options, (info) =>
    createLink(attempt, 'trace_iter', { iter_info: info, iter_info_len: info?.length }),
  );
}

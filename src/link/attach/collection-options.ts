import {
  checkArray,
  checkObject,
  checkString,
  didYouMean,
  rejectUnknownOptions,
  wrongType,
} from '../../errors/index.ts';
import { checkPlace } from '../check-options.ts';
import type { CgroupOptions } from '../network/cgroup.ts';
import type { NetworkInterface } from '../network/interface.ts';
import type { NetworkNamespaceOptions } from '../network/netns.ts';
import type { AttachOptions } from './options.ts';

/** Where {@link Collection.attach} attaches what sections do not say, and what it attaches. */
export interface CollectionAttachOptions {
  /** The network interface for all programs that run on one (XDP, TCX). */
  readonly interface?: NetworkInterface | undefined;
  /** The cgroup for all programs that run for one. */
  readonly cgroup?: CgroupOptions['cgroup'] | undefined;
  /** The network namespace for all programs that run for one: `/proc/self/ns/net` is the one of this process. */
  readonly netns?: NetworkNamespaceOptions['namespace'] | undefined;
  /** Attaches only these programs and struct_ops. */
  readonly only?: readonly string[] | undefined;
  /** Does not attach these. It wins over `programs`. */
  readonly skip?: readonly string[] | undefined;
  /** Options for single programs, as for {@link attach}. They win over those above. */
  readonly programs?: { readonly [name: string]: AttachOptions | undefined } | undefined;
}

const KNOWN: readonly (keyof CollectionAttachOptions)[] = [
  'interface',
  'cgroup',
  'netns',
  'only',
  'skip',
  'programs',
];

const WHAT = 'collection.attach';

/**
 * Checks options, as far as the attach functions do not check them.
 *
 * @param names - the programs and struct_ops that there are
 * @throws TypeError
 */
export function checkAttachOptions(options: CollectionAttachOptions, names: readonly string[]): void {
  rejectUnknownOptions(WHAT, options, KNOWN);
  const { only, skip, programs } = options;
  // Also where no program takes them. A place that no program has room for is no error, but a wrong value is.
  const { interface: device, cgroup, netns } = options;
  if (device !== undefined && typeof device !== 'string' && typeof device !== 'number') {
    throw wrongType(`${WHAT}: interface`, 'a name or an index', device);
  }
  if (cgroup !== undefined) checkPlace(`${WHAT}: cgroup`, cgroup);
  if (netns !== undefined && typeof netns === 'number') {
    throw wrongType(`${WHAT}: netns`, 'a path or an Fd', netns);
  }
  if (netns !== undefined) checkPlace(`${WHAT}: netns`, netns);
  for (const [option, list] of Object.entries({ only, skip })) {
    if (list === undefined) continue;
    checkArray(`${WHAT}: ${option}`, list);
    for (const [index, name] of list.entries()) {
      checkString(`${WHAT}: ${option}[${index}]`, name);
      checkName(option, name, names);
    }
  }
  if (programs === undefined) return;
  checkObject(`${WHAT}: programs`, programs);
  for (const [name, own] of Object.entries(programs)) {
    checkName('programs', name, names);
    if (own !== undefined) checkObject(`${WHAT}: programs.${name}`, own);
  }
}

function checkName(option: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const near = didYouMean(name, names);
  throw new TypeError(`${WHAT}: ${option}: the collection has no program or struct_ops "${name}"${near}`);
}

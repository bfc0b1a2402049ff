import {
  type BpfLinkInfo,
  type CgroupIterOrder,
  cgroupIterOrders,
  type NumberText,
  nameOrNumber,
} from '../../abi/index.ts';

/** What an iterator walks over. Fields that do not belong to its kind are absent. */
export interface IteratorInfo {
  /** The kind of object, such as `task`. */
  readonly target: string;
  /** For the elements of a map: that map. */
  readonly mapId?: number | undefined;
  /** For cgroups: where it starts, and the order. Linux >= 6.1 */
  readonly cgroupId?: bigint | undefined;
  readonly order?: CgroupIterOrder | NumberText | undefined;
  /** For tasks: the only thread or process, 0 if it walks over all. Linux >= 6.1 */
  readonly threadId?: number | undefined;
  readonly processId?: number | undefined;
}

/** The parameters lie in one union: the kind says which of them are there. */
export function iteratorInfo(target: string, { iter }: BpfLinkInfo): IteratorInfo {
  const { map, cgroup, task } = iter ?? {};
  switch (target) {
    case 'bpf_map_elem':
    case 'bpf_sk_storage_map':
    case 'sockmap':
      return { target, mapId: map?.map_id ?? 0 };
    case 'cgroup':
      return {
        target,
        cgroupId: cgroup?.cgroup_id ?? 0n,
        order: nameOrNumber(cgroupIterOrders, cgroup?.order ?? 0),
      };
    case 'task':
    case 'task_file':
    case 'task_vma':
      return { target, threadId: task?.tid ?? 0, processId: task?.pid ?? 0 };
    default:
      return { target };
  }
}

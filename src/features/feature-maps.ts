import { mapCreateFlags, mapTypes } from '../abi/index.ts';
import { encode, exit, loadMapValue, mov, r0, r1 } from '../asm/index.ts';
import { BpfError } from '../errors/index.ts';
import { NO_FD } from '../sys/index.ts';
import { mapCreate } from '../token/commands.ts';
import { type Answer, denied, unknown } from './answer.ts';
import { type FeatureProbe, judgeCreation, tryCommand } from './feature-probe.ts';
import type { Context } from './options.ts';
import { programAttr } from './program-probes.ts';
import { judgeProgram } from './program-types.ts';
import { tryMap, tryProgram } from './trial.ts';

const array = {
  map_type: mapTypes.number('array'),
  key_size: 4,
  value_size: 8,
  max_entries: 1,
} as const;

function globalData(context: Context): Answer {
  try {
    using map = mapCreate(array, context.token);
    const instructions = encode([loadMapValue(r1, map.value, 0), mov(r0, 0), exit()]);
    const outcome = tryProgram(programAttr('socket_filter'), instructions, context.token);
    // The verifier looks for the map before it logs anything about instructions.
    return outcome.ok ? judgeCreation(outcome) : judgeProgram({ ...outcome, log: '' });
  } catch (error) {
    if (!BpfError.is(error)) throw error;
    return error.code === 'EPERM' ? denied(error) : unknown(error);
  }
}

export type MapFeature = 'map_names' | 'global_data' | 'mmapable_arrays' | 'batch_operations';

export const mapFeatures: { readonly [name in MapFeature]: FeatureProbe } = {
  map_names: {
    proof: (evidence) => evidence.member('bpf_attr', 'map_name'),
    trial: ({ token }) => judgeCreation(tryMap({ ...array, map_name: 'probe' }, token)),
  },
  global_data: {
    proof: (evidence) => evidence.member('bpf_map_ops', 'map_direct_value_addr'),
    trial: globalData,
  },
  mmapable_arrays: {
    proof: (evidence) => evidence.member('bpf_map_ops', 'map_mmap'),
    trial: ({ token }) => judgeCreation(tryMap({ ...array, map_flags: mapCreateFlags.mmapable }, token)),
  },
  batch_operations: {
    proof: (evidence) => evidence.enumerator('bpf_cmd', 'BPF_MAP_LOOKUP_BATCH'),
    trial: () => tryCommand('map_lookup_batch', { map_fd: NO_FD, count: 1 }),
  },
};

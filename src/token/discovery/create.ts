import { deviceOf, openDirectory, tryCall } from '../../sys/index.ts';
import type { Place } from './place.ts';
import { createRefusal, openRefusal, type Refusal } from './refusal.ts';
import { Token } from './token.ts';

/** Tries to make a token: BPF_TOKEN_CREATE. Returns a refusal by the kernel or the file system, and never throws it. */
export function tryCreateToken(place: Place): Token | Refusal {
  const directory = openDirectory(place.path);
  if (typeof directory === 'number') return openRefusal(-directory);
  try {
    if (place.device !== undefined && deviceOf(directory) !== place.device) return { outcome: 'covered' };
    const action = `create a BPF token of ${place.mount}`;
    const made = tryCall('token_create', { bpffs_fd: directory.value }, action);
    return typeof made === 'number' ? Token.adopt(made, place) : createRefusal(made, place);
  } finally {
    directory.close();
  }
}

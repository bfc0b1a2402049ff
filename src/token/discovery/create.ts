import { bpf, deviceOf, openDirectory } from '../../sys/index.ts';
import type { Place } from './place.ts';
import { createRefusal, openRefusal, type Refusal } from './refusal.ts';
import { Token } from './token.ts';

/** Tries to make a token: BPF_TOKEN_CREATE. Returns a refusal by the kernel or the file system, and never throws it. */
export function tryCreateToken(place: Place): Token | Refusal {
  const directory = openDirectory(place.path);
  if (typeof directory === 'number') return openRefusal(-directory);
  try {
    if (place.device !== undefined && deviceOf(directory) !== place.device) return { outcome: 'covered' };
    const fd = bpf('token_create', { bpffs_fd: directory.value });
    return fd < 0 ? createRefusal(-fd, place) : Token.adopt(fd, place);
  } finally {
    directory.close();
  }
}

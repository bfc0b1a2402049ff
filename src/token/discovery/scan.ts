import type { MalformedMount } from '../../sys/index.ts';
import { candidate, type TokenCandidate } from './candidate.ts';
import { tryCreateToken } from './create.ts';
import { places, type Seen } from './mounts.ts';
import { DEFAULT_MOUNT } from './place.ts';
import type { Refusal } from './refusal.ts';
import { Token } from './token.ts';

/** All that was found. The tokens belong to the caller. */
export interface Discovery {
  /** Usable tokens: that of /sys/fs/bpf first, then in the order of mountinfo. */
  readonly tokens: readonly Token[];
  /** Every bpffs mount, in the same order, with what came of it. */
  readonly candidates: readonly TokenCandidate[];
  /** Lines of mountinfo that do not read as mounts. */
  readonly malformed: readonly MalformedMount[];
}

function describe(place: Seen, result: Token | Refusal): TokenCandidate {
  if (result instanceof Token) return candidate(place.mount, 'usable', place.options);
  return candidate(place.mount, result.outcome, place.options, result);
}

/**
 * Tries every bpffs mount of a mountinfo text. A refusal by one of them never stops the others.
 *
 * @param earlier - a token of /sys/fs/bpf, for when CAP_BPF was given up after it was made
 */
export function discover(mountinfo: Uint8Array | undefined, earlier?: Token): Discovery {
  const { list, malformed } = places(mountinfo);
  const tokens: Token[] = [];
  const candidates: TokenCandidate[] = [];
  const devices = new Set<string>();
  for (const place of list) {
    if (place.verdict !== undefined) {
      candidates.push(candidate(place.mount, place.verdict, place.options));
    } else if (place.device !== undefined && devices.has(place.device)) {
      candidates.push(candidate(place.mount, 'duplicate', place.options));
    } else {
      const made = tryCreateToken(place);
      const kept = !(made instanceof Token) && made.outcome === 'no_cap_bpf' && place.mount === DEFAULT_MOUNT;
      const result = kept ? (earlier ?? made) : made;
      candidates.push(describe(place, result));
      if (result instanceof Token) {
        tokens.push(result);
        if (place.device !== undefined) devices.add(place.device);
      }
    }
  }
  return { tokens, candidates, malformed };
}

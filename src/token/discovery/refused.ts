import { NotSupportedError, TokenError } from '../../errors/index.ts';
import type { TokenCandidate } from './candidate.ts';

/** The error for a mount that had to give a token and gave none. `action` completes "Cannot ...". */
export function refusedToken(action: string, refused: TokenCandidate): TokenError | NotSupportedError {
  const { outcome, mount, explanation, code, errno } = refused;
  const message = `Cannot ${action}: ${mount}: ${explanation}`;
  const common = { errno, syscall: 'bpf', command: 'token_create' };
  if (outcome === 'no_kernel_support') {
    return new NotSupportedError(message, { ...common, feature: 'BPF tokens', since: '6.9' });
  }
  return new TokenError(message, {
    ...common,
    code: code ?? 'ERR_BPF_TOKEN_UNAVAILABLE',
    reason: outcome === 'no_cap_bpf' ? 'no_cap_bpf' : 'no_token',
    capabilities: outcome === 'no_cap_bpf' ? ['bpf'] : [],
    mount,
    candidates: [refused],
  });
}

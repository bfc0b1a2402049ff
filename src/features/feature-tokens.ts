import { mapCreateFlags } from '../abi/index.ts';
import { findTokens, kernelHasTokens } from '../token/index.ts';
import { type Answer, fromFact, NO, unknown, YES } from './answer.ts';
import { type FeatureProbe, tryCommand } from './feature-probe.ts';

function tokens(): Answer {
  return fromFact(kernelHasTokens()) ?? unknown('Cannot find out about BPF tokens: bpf(2) is refused');
}

/** Without BTF, only an existing token can show whether the kernel gives information about tokens. */
function tokenInfo(): Answer {
  if (tokens().answer === 'no') return NO;
  const found = findTokens();
  try {
    const [token] = found.tokens;
    if (token === undefined) {
      return unknown('Cannot find out about token information: only kernel BTF or a token can tell');
    }
    return token.source === 'info' ? YES : NO;
  } finally {
    for (const token of found.tokens) token.close();
  }
}

export type TokenFeature = 'tokens' | 'token_info' | 'token_for_btf_by_id';

export const tokenFeatures: { readonly [name in TokenFeature]: FeatureProbe } = {
  tokens: {
    proof: (evidence) => evidence.enumerator('bpf_cmd', 'BPF_TOKEN_CREATE'),
    trial: tokens,
  },
  // If the kernel uses a struct of its interface, the struct is in its BTF.
  token_info: {
    proof: (evidence) => evidence.struct('bpf_token_info'),
    trial: tokenInfo,
  },
  token_for_btf_by_id: {
    proof: (evidence) => evidence.member('bpf_attr', 'fd_by_id_token_fd'),
    trial: () =>
      tryCommand('btf_get_fd_by_id', {
        btf_id: 0xffff_ffff,
        open_flags: mapCreateFlags.token_fd,
        fd_by_id_token_fd: -1,
      }),
  },
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidate } from '../../../src/token/discovery/candidate.ts';
import type { CandidateOutcome } from '../../../src/token/index.ts';

test('every outcome of a mount has a cause and, where something can be done, what to change', () => {
  const outcomes: readonly CandidateOutcome[] = [
    'covered',
    'part_of_bpffs',
    'not_bpffs',
    'open_refused',
    'nothing_delegated',
    'other_user_namespace',
    'no_cap_bpf',
    'initial_user_namespace',
    'no_kernel_support',
    'unexpected',
  ];
  for (const outcome of outcomes) {
    const { explanation, code } = candidate('/m', outcome, '', { errno: 13, code: 'EACCES' });
    assert.match(explanation, /^.+: .+$/, outcome);
    assert.doesNotMatch(explanation, /[.]$/, outcome);
    assert.equal(code, 'EACCES');
  }
});

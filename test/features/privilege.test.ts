// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedWithoutToken } from '../../src/features/privilege.ts';
import { needsRoot, withOnly } from './privileges.ts';

test('a refusal names the capability that the process has', needsRoot(), () => {
  const refusal = (): string => refusedWithoutToken('ask', 'prog_query', 'net_admin').message;
  assert.match(withOnly(['net_admin'], refusal), /this process has CAP_NET_ADMIN, and/);
  assert.match(
    withOnly(['sys_admin'], refusal),
    /this process has CAP_SYS_ADMIN, which includes CAP_NET_ADMIN, and/,
  );
  assert.match(withOnly([], refusal), /prog_query needs CAP_NET_ADMIN in the initial user namespace/);
});

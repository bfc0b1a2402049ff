// depends on: tokens
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MapType, mapTypes, type ProgramType, programTypes } from '../../../src/abi/index.ts';
import { BpfError, TokenError } from '../../../src/errors/index.ts';
import { type Capability, capabilityMask, type Fd, getCapabilities } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { mapCapabilities, mapCreate, progLoad, programCapabilities } from '../../../src/token/index.ts';
import { withoutCapabilities } from '../capabilities.ts';
import { mapAttr, programAttr } from '../objects.ts';

/**
 * Types that a kernel may refuse with EPERM although every capability is there, because function tracing can be
 * forbidden. The error must be `unexplained` then.
 */
const MAY_BE_FORBIDDEN: ReadonlySet<string> = new Set(['ext', 'lsm', 'tracing']);

/**
 * Checks that the call is refused for lack of capabilities exactly if the table says so, and for exactly those
 * capabilities.
 */
function check(type: string, needed: readonly Capability[], call: () => Fd): void {
  const { effective } = getCapabilities();
  const admin = (effective & capabilityMask(['sys_admin'])) !== 0n;
  const expected = admin ? [] : needed.filter((name) => (effective & capabilityMask([name])) === 0n);
  try {
    call().close();
  } catch (error) {
    assert.ok(error instanceof BpfError, String(error));
    if (!(error instanceof TokenError)) {
      // Types that this kernel lacks, or whose programs need more than two instructions, fail for other reasons.
      assert.ok(expected.length === 0 || error.code === 'EINVAL', `${type}: ${error.message}`);
      return;
    }
    assert.deepEqual(error.capabilities, expected, `${type}: ${error.message}`);
    const forbidden = expected.length === 0 && MAY_BE_FORBIDDEN.has(type);
    assert.equal(error.reason, forbidden ? 'unexplained' : 'capability_missing', `${type}: ${error.message}`);
    return;
  }
  assert.deepEqual(expected, [], `${type} was created without ${expected}`);
}

function checkAll(): void {
  for (const type of mapTypes.names) check(type, mapCapabilities(type), () => mapCreate(mapAttr(type)));
  for (const type of programTypes.names) {
    check(type, programCapabilities(type), () => progLoad(programAttr(type)));
  }
}

test('every type takes the capabilities that the tables say', async (t) => {
  const both: readonly Capability[] = ['net_admin', 'perfmon'];
  await runWithToken(
    t,
    'one by one',
    'any',
    () => {
      checkAll();
      withoutCapabilities(['net_admin'], checkAll);
      withoutCapabilities(['perfmon'], checkAll);
      withoutCapabilities(both, checkAll);
      withoutCapabilities([...both, 'bpf'], checkAll);
    },
    { capabilities: both },
  );
  await runWithToken(t, 'or CAP_SYS_ADMIN', 'any', checkAll, { capabilities: ['sys_admin'] });
});

test('types are understood in any case, with or without prefix', () => {
  assert.deepEqual(mapCapabilities('BPF_MAP_TYPE_DEVMAP' as MapType), ['bpf', 'net_admin']);
  assert.deepEqual(programCapabilities('XDP' as ProgramType), ['bpf', 'net_admin']);
  assert.throws(() => mapCapabilities('devmp' as MapType), {
    name: 'TypeError',
    message: /"devmp" \(did you mean "devmap"/,
  });
});

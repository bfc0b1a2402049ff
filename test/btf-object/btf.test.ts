// depends on: tokens
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder } from '../../src/btf/index.ts';
import { Btf } from '../../src/btf-object/index.ts';
import { BpfError, ClosedError, VerifierError } from '../../src/errors/index.ts';
import { bpf, Fd, openDescriptors } from '../../src/sys/index.ts';
import { needsLoading } from '../program/needs.ts';

function pair(): BtfBuilder {
  const types = new BtfBuilder();
  const u32 = types.int('unsigned int', 4);
  types.struct('pair', 8, [
    { name: 'a', type: u32, offset: 0 },
    { name: 'b', type: u32, offset: 4 },
  ]);
  return types;
}

test('types built in code are loaded, opened by id and read back', needsLoading(), () => {
  using btf = Btf.load(pair());
  const info = btf.info();
  assert.equal(info.kernel, false);
  assert.equal(info.name, '');
  assert.deepEqual(Buffer.from(btf.bytes()), Buffer.from(pair().encode()));
  assert.equal(info.size, btf.bytes().length);
  using again = Btf.fromId(info.id);
  assert.equal(again.info().id, info.id);
  const struct = again.types().byName('pair', 'struct');
  assert.ok(struct !== undefined);
  assert.deepEqual(
    struct.members.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('encoded BTF is loaded as well, and a log asked for is kept', needsLoading(), () => {
  using btf = Btf.load(pair().encode(), { logLevel: 1 });
  assert.match(btf.log, /STRUCT pair/);
  using silent = Btf.load(pair().encode());
  assert.equal(silent.log, '');
});

test('what the kernel refuses is a VerifierError that names the type', needsLoading(), () => {
  const types = pair();
  types.typedef('not a name', 1);
  assert.throws(
    () => Btf.load(types),
    (error) =>
      error instanceof VerifierError &&
      /^Cannot load BTF: EINVAL: \[3\] TYPEDEF not a name .*Invalid name/.test(error.message) &&
      /STRUCT pair/.test(error.log),
  );
});

test('a broken header is refused with the log, or the plain errno', needsLoading(), () => {
  const bytes = pair().encode();
  bytes.fill(0xff, 8, 16);
  assert.throws(
    () => Btf.load(bytes),
    (error) => BpfError.is(error) && error.code === 'EINVAL',
  );
  assert.throws(
    () => Btf.load(new Uint8Array(3)),
    (error) => BpfError.is(error) && error.code === 'EINVAL',
  );
});

test('a log that does not fit at first grows', needsLoading(), () => {
  const types = pair();
  for (let i = 0; i < 2000; i++) types.typedef(`alias_number_${i}`, 2);
  types.typedef('not a name', 1);
  assert.throws(
    () => Btf.load(types, { logSize: 128 }),
    (error) => error instanceof VerifierError && error.log.length > 64 * 1024 && !error.truncated,
  );
});

test('an id that is not there, a closed handle, an unknown option', needsLoading(), () => {
  const before = openDescriptors().length;
  assert.throws(() => Btf.fromId(2 ** 31 - 1), {
    code: 'ENOENT',
    message: /^Cannot open BTF by id 2147483647: ENOENT: no BTF has this id$/,
  });
  const btf = Btf.load(pair());
  btf.close();
  btf.close();
  assert.equal(btf.closed, true);
  assert.throws(() => btf.info(), ClosedError);
  assert.throws(() => btf.bytes(), ClosedError);
  assert.throws(() => Btf.load(pair(), { loglevel: 1 } as never), /unknown option "loglevel" .*"logLevel"/);
  const fromFd = Btf.fromFd as (fd: unknown, options: unknown) => Btf;
  assert.throws(() => fromFd(btf.fd, { token: 'off' }), /^TypeError: Btf.fromFd: unknown option "token"$/);
  assert.equal(openDescriptors().length, before);
});

test("the kernel's own BTF says what it is", needsLoading(), (t) => {
  let id = 0;
  for (; id < 64; id++) {
    try {
      using btf = Btf.fromId(id);
      const info = btf.info();
      if (info.name !== 'vmlinux') continue;
      assert.equal(info.kernel, true);
      assert.ok(info.size > 1000);
      return;
    } catch (error) {
      if (!BpfError.is(error) || error.code !== 'ENOENT') throw error;
    }
  }
  t.skip('this kernel has no BTF of its own');
});

test('a descriptor is taken over, and one of something else is refused and closed', needsLoading(), () => {
  using btf = Btf.load(pair());
  using same = Btf.fromFd(btf.fd.duplicate());
  assert.deepEqual(same.info(), btf.info());
  const map = Fd.adopt(bpf('map_create', { map_type: 2, key_size: 4, value_size: 4, max_entries: 1 }), 'map');
  assert.throws(() => Btf.fromFd(map), {
    code: 'ERR_BPF_WRONG_OBJECT',
    message: 'Cannot open map as BTF: it is a map',
  });
  assert.equal(map.closed, true);
});

test('BTF that is too large says so', needsLoading(), () => {
  assert.throws(() => Btf.load(new Uint8Array((16 << 20) + 1)), {
    code: 'E2BIG',
    message: 'Cannot load BTF: E2BIG: it has 16777217 bytes, but the kernel allows at most 16777216 (16 MiB)',
  });
});

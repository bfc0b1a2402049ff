// depends on: tokens
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attachTypes, commands, mapTypes, programTypes } from '../../../src/abi/index.ts';
import { Delegation, type PermissionKind, permissionKinds } from '../../../src/token/index.ts';

const ALL = 0xffff_ffff_ffff_ffffn;
const tables = { cmds: commands, maps: mapTypes, progs: programTypes, attachs: attachTypes };
const one = (kind: PermissionKind, value: string): bigint => Delegation.from({ [kind]: value })[kind];

test('reads names in every form in which people write them', () => {
  const forms = [
    'map_create',
    'MAP_CREATE',
    'BPF_MAP_CREATE',
    'bpf_map_create',
    'BPFMapCreate',
    ' map_create ',
  ];
  for (const text of forms) {
    assert.equal(one('cmds', text), 1n, text);
    assert.ok(Delegation.from({ cmds: 1 }).has('cmds', text), text);
  }
  assert.equal(one('cmds', 'map_create:prog_load'), 0x21n);
  assert.equal(one('cmds', 'map_create,prog_load'), 0x21n);
  assert.equal(one('cmds', 'BPF_MAP_CREATE, BPF_PROG_LOAD'), 0x21n);
  assert.equal(one('maps', 'BPF_MAP_TYPE_HASH'), 2n);
  assert.equal(one('progs', 'BPF_PROG_TYPE_SOCKET_FILTER'), 2n);
  assert.equal(one('attachs', 'BPF_CGROUP_INET_INGRESS'), 1n);
  assert.equal(one('maps', 'cgroup_storage_deprecated'), one('maps', 'cgroup_storage'));
  assert.deepEqual(Delegation.from({ maps: ['hash', 'array'] }).names('maps'), ['hash', 'array']);
});

test('reads masks and "any"', () => {
  assert.equal(one('cmds', '0x21'), 0x21n);
  assert.equal(one('cmds', '33'), 0x21n);
  assert.equal(one('cmds', '0XFFFFFFFFFFFFFFFF'), ALL);
  assert.equal(Delegation.from({ cmds: 33 }).cmds, 0x21n);
  assert.equal(Delegation.from({ cmds: 0x21n }).cmds, 0x21n);
  assert.equal(one('cmds', 'any'), ALL);
  assert.equal(one('cmds', 'ANY'), ALL);
  assert.equal(one('cmds', ''), 0n);
  assert.ok(Delegation.from('any').equals(Delegation.any));
  assert.ok(Delegation.from('ANY' as 'any').equals(Delegation.any));
  assert.ok(Delegation.from({}).isEmpty);
});

test('rejects what cannot be meant, with what might be', () => {
  const rejects = (init: unknown, name: string, message: RegExp): void =>
    assert.throws(() => Delegation.from(init as 'any'), { name, message });
  rejects({ maps: 'hahs' }, 'TypeError', /"hahs" \(did you mean "hash"/);
  rejects({ cmds: ['prog_lod'] }, 'TypeError', /did you mean "prog_load"/);
  rejects({ cmds: 'map_create:0x20' }, 'TypeError', /^cmds: the number 0x20 cannot be in a list of names$/);
  rejects({ cmds: 'map_create,' }, 'TypeError', /Unknown/);
  rejects(
    { cmds: '0x10000000000000000' },
    'RangeError',
    /^cmds: 0x10000000000000000 is not a mask of 64 bits$/,
  );
  rejects({ cmds: -1n }, 'RangeError', /-1/);
  rejects({ cmds: 2 ** 53 }, 'RangeError', /use a bigint/);
  rejects({ cmds: 0.5 }, 'RangeError', /0\.5/);
  rejects({ cmd: 'any' }, 'TypeError', /unknown option "cmd" \(did you mean "cmds"\?\)/);
  rejects({ cmds: {} }, 'TypeError', /^cmds must be names, a mask or "any", got an object$/);
  rejects({ cmds: [Symbol('x')] }, 'TypeError', /Symbol\(x\)/);
  rejects(null, 'TypeError', /null/);
  rejects('all', 'TypeError', /^delegation must be an object or "any", got "all"$/);
  rejects({ cmds: [0n] }, 'TypeError', /^cmds: a permission must be a string, got 0n$/);
});

test('arguments of methods are checked', () => {
  const given = Delegation.from({ maps: ['hash'] });
  const rejects = (
    call: (delegation: Record<string, (...given: unknown[]) => unknown>) => unknown,
    message: string,
  ): void => assert.throws(() => call(given as never), { name: 'TypeError', message });
  const kinds = 'kind must be cmds, maps, progs or attachs, got';
  for (const name of ['names', 'isAny', 'toOption', 'has']) {
    rejects((it) => it[name]?.('map', 'hash'), `Delegation.${name}: ${kinds} "map" (did you mean "maps"?)`);
    rejects((it) => it[name]?.(7), `Delegation.${name}: kind must be a string, got 7`);
  }
  for (const [name, argument] of Object.entries({
    missing: 'wanted',
    excess: 'wanted',
    union: 'other',
    equals: 'other',
    isSubsetOf: 'other',
    matchesShown: 'shown',
  })) {
    const what = `Delegation.${name}: ${argument} must be a Delegation (see Delegation.from), got`;
    rejects((it) => it[name]?.({ maps: ['hash'] }), `${what} an object`);
    rejects((it) => it[name]?.('any'), `${what} "any"`);
    rejects((it) => it[name]?.(null), `${what} null`);
  }
  rejects((it) => it.has?.('cmds', 0n), 'Delegation.has: permission must be a name or a number, got 0n');
});

test('prints as mount options, hex masks and JSON', () => {
  const some = Delegation.from({
    cmds: 'map_create,prog_load',
    maps: 'any',
    attachs: 0x8000_0000_0000_0001n,
  });
  assert.equal(
    String(some),
    'delegate_cmds=map_create:prog_load,delegate_maps=any,delegate_attachs=0x8000000000000001',
  );
  assert.deepEqual(some.toMountOptions(), {
    delegate_cmds: '0x21',
    delegate_maps: '0xffffffffffffffff',
    delegate_progs: '0x0',
    delegate_attachs: '0x8000000000000001',
  });
  assert.equal(
    JSON.stringify(some),
    '{"cmds":["map_create","prog_load"],"maps":"any","progs":[],"attachs":["cgroup_inet_ingress","unknown bit 63"]}',
  );
  assert.equal(String(Delegation.none), '');
});

test('bits newer than the library keep their place', () => {
  const newer = Delegation.from({ attachs: 1n << 63n });
  assert.deepEqual(newer.permissions(), [{ option: 'delegate_attachs', name: 'unknown bit 63' }]);
  assert.ok(newer.has('attachs', 63));
  assert.ok(!newer.has('attachs', 64));
  assert.ok(!newer.has('attachs', -1));
  assert.ok(Delegation.from({ attachs: ['unknown bit 63'] }).equals(newer));
  assert.throws(() => Delegation.from({ attachs: ['unknown bit 64'] }), TypeError);
});

test('compares', () => {
  const some = Delegation.from({ cmds: 'map_create', maps: 'hash,array' });
  const other = Delegation.from({ cmds: 'map_create,prog_load', maps: 'hash' });
  assert.equal(String(some.missing(other)), 'delegate_cmds=prog_load');
  assert.equal(String(some.excess(other)), 'delegate_maps=array');
  assert.ok(!some.equals(other));
  assert.ok(!some.isSubsetOf(other));
  assert.ok(some.isSubsetOf(some.union(other)));
  assert.ok(some.isSubsetOf(Delegation.any));
  assert.ok(Delegation.none.isSubsetOf(some));
});

test('reads the options of a mount as kernels show them', () => {
  const shown = Delegation.fromMountOptions([
    'rw',
    'mode=700',
    'delegate_cmds=map_create:prog_load',
    'delegate_maps=any',
    'delegate_progs=0x2',
  ]);
  assert.equal(
    String(shown.delegation),
    'delegate_cmds=map_create:prog_load,delegate_maps=any,delegate_progs=socket_filter',
  );
  assert.deepEqual(shown.unknown, []);
  // On a newer kernel there may be a name that this library does not know, and numbers next to names.
  const newer = Delegation.fromMountOptions(['delegate_cmds=map_create:brand_new:0x8000000000000000']);
  assert.equal(newer.delegation.cmds, 0x8000_0000_0000_0001n);
  assert.deepEqual(newer.unknown, [{ option: 'delegate_cmds', name: 'brand_new' }]);
});

test('reads the fdinfo of a token, and of nothing else', () => {
  const lines = ['pos:\t0', 'mnt_id:\t63', 'allowed_cmds:\tany', 'allowed_maps:\t0xffffffff'];
  const text = [...lines, 'allowed_progs:\t0x0', 'allowed_attachs:\t0x8000000000000000', ''].join('\n');
  assert.deepEqual(Delegation.fromFdinfo(text)?.delegation.toMountOptions(), {
    delegate_cmds: '0xffffffffffffffff',
    delegate_maps: '0xffffffff',
    delegate_progs: '0x0',
    delegate_attachs: '0x8000000000000000',
  });
  assert.equal(Delegation.fromFdinfo('pos:\t0\nmap_type:\t1\n'), undefined);
  assert.equal(Delegation.fromFdinfo(''), undefined);
});

test('every name of every kind goes there and back', () => {
  for (const kind of permissionKinds) {
    for (const name of tables[kind].names) {
      const made = Delegation.from({ [kind]: [name] });
      assert.deepEqual(made.names(kind), [name]);
      assert.ok(made.has(kind, name));
      assert.equal(one(kind, name.replaceAll('_', '')), made[kind], `${name} without underscores`);
    }
  }
});

test('the kernel shows "any" for all bits it knows, and leaves out the others', () => {
  const all = (1n << BigInt(commands.max)) - 1n;
  const any = Delegation.from({ cmds: 'any' });
  assert.ok(Delegation.from({ cmds: all }).matchesShown(any));
  assert.ok(any.matchesShown(any));
  assert.ok(!Delegation.from({ cmds: all & ~1n }).matchesShown(any));
  assert.ok(Delegation.from({ cmds: 1n | (1n << 63n) }).matchesShown(Delegation.from({ cmds: 1n })));
  assert.ok(!Delegation.from({ cmds: 1n }).matchesShown(Delegation.from({ cmds: 3n })));
});

const mask = fc.bigInt({ min: 0n, max: ALL });
const delegation = fc
  .record({ cmds: mask, maps: mask, progs: mask, attachs: mask })
  .map((masks) => Delegation.from(masks));

test('property: every delegation survives its JSON, its masks and its options', () => {
  fc.assert(
    fc.property(delegation, (some) => {
      assert.ok(Delegation.from(JSON.parse(JSON.stringify(some))).equals(some));
      const hex = some.toMountOptions();
      const masks = {
        cmds: hex.delegate_cmds,
        maps: hex.delegate_maps,
        progs: hex.delegate_progs,
        attachs: hex.delegate_attachs,
      };
      assert.ok(Delegation.from(masks).equals(some));
      const shown = Delegation.fromMountOptions(String(some).split(','));
      assert.ok(shown.delegation.equals(some));
      assert.deepEqual(shown.unknown, []);
    }),
  );
});

test('property: missing and excess are the set differences', () => {
  fc.assert(
    fc.property(delegation, delegation, (a, b) => {
      assert.ok(a.union(a.missing(b)).equals(a.union(b)));
      assert.ok(a.missing(b).equals(b.excess(a)));
      assert.equal(a.isSubsetOf(b), b.missing(a).isEmpty);
      assert.equal(a.equals(b), a.isSubsetOf(b) && b.isSubsetOf(a));
    }),
  );
});

test('property: hostile text reads or is a TypeError or RangeError; what a kernel shows never throws', () => {
  const known = [
    'any',
    'map_create',
    'BPF_',
    'bpf',
    '0x',
    '0x1',
    '-1',
    '1e3',
    '',
    ' ',
    '__proto__',
    'constructor',
  ];
  const word = fc.oneof(fc.constantFrom(...known, 'unknown bit 9'), fc.string({ maxLength: 8 }));
  const text = fc
    .tuple(fc.array(word, { maxLength: 5 }), fc.constantFrom(',', ':'))
    .map(([words, by]) => words.join(by));
  fc.assert(
    fc.property(text, fc.constantFrom(...permissionKinds), (hostile, kind) => {
      try {
        const made = Delegation.from({ [kind]: hostile });
        assert.ok(made[kind] >= 0n && made[kind] <= ALL);
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof RangeError);
      }
      const shown = Delegation.fromMountOptions([`delegate_${kind}=${hostile}`]).delegation[kind];
      assert.ok(shown >= 0n && shown <= ALL);
      Delegation.fromFdinfo(`allowed_cmds:\t${hostile}\n`);
    }),
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { BtfBuilder, BtfTypes, type NewBtfType } from '../../../src/btf/index.ts';
import { referencesOf, withReferences } from '../../../src/btf/references.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { fixture, fixtures } from '../../collection/fixture.ts';
import { type Judge, judge } from '../../judge/judge.ts';
import { type Program, programs, typesOf } from './c-program.ts';
import { descriptions } from './same.ts';

/** How many programs to try. EBPF_TS_PROGRAMS asks for more. */
const count = Number(process.env.EBPF_TS_PROGRAMS ?? 60);

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-dedup-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function build(types: readonly NewBtfType[], base?: BtfTypes): BtfBuilder {
  const builder = new BtfBuilder({ base });
  for (const type of types) builder.add(type);
  return builder;
}

/** The types as libbpf deduplicates them. */
function judged(
  libbpf: Judge,
  place: string,
  builder: BtfBuilder,
  base?: BtfTypes,
  baseBytes?: Uint8Array,
): BtfTypes {
  const [file, out, below] = ['in.btf', 'out.btf', 'base.btf'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, builder.encode());
  if (baseBytes !== undefined) writeFileSync(below, baseBytes);
  assert.equal(libbpf.dedup(file, out, baseBytes === undefined ? undefined : below), null);
  return BtfTypes.parse(new Uint8Array(readFileSync(out)), { ...(base === undefined ? {} : { base }) });
}

function allKnown(file: Program['files'][number]): Program['files'][number] {
  return { ...file, knows: file.knows.map(() => true), differs: file.differs.map(() => false) };
}

test('programs of several files come out as libbpf leaves them', async (t) => {
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const place = folder(t);
  fc.assert(
    fc.property(programs(true), (program) => {
      const builder = build(typesOf(program));
      const theirs = judged(libbpf, place, builder);
      builder.dedup();
      assert.deepEqual(descriptions(BtfTypes.parse(builder.encode())), descriptions(theirs));
    }),
    { numRuns: count },
  );
});

test('BTF that continues other BTF comes out as libbpf leaves it', async (t) => {
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const place = folder(t);
  fc.assert(
    // No typedefs, because libbpf 1.7 does not find those of the base again. Later versions do.
    fc.property(programs(false), (program) => {
      // If the base only declares what comes later, libbpf's result depends on the order.
      const [first, ...others] = program.files.map((file, i) => (i === 0 ? allKnown(file) : file));
      const below = build(typesOf({ ...program, files: first === undefined ? [] : [first] }));
      below.dedup();
      const baseBytes = below.encode();
      const base = BtfTypes.parse(baseBytes);
      const builder = build(typesOf({ ...program, files: others }, base.count + 1), base);
      const theirs = judged(libbpf, place, builder, base, baseBytes);
      builder.dedup();
      assert.deepEqual(descriptions(BtfTypes.parse(builder.encode(), { base })), descriptions(theirs));
    }),
    { numRuns: count },
  );
});

test('all fixtures in one come out as libbpf leaves them', async (t) => {
  const libbpf = await judge();
  if (typeof libbpf === 'string') return t.skip(libbpf);
  const all: NewBtfType[] = [];
  for (const name of fixtures()) {
    const behind = all.length;
    for (const type of CollectionSpec.loadSync(fixture(name)).btf ?? []) {
      const { id: _, ...rest } = type;
      all.push(withReferences(rest as NewBtfType, (id) => (id === 0 ? 0 : id + behind)));
    }
  }
  const builder = build(all);
  const theirs = judged(libbpf, folder(t), builder);
  const before = builder.count;
  const numbers = builder.dedup();
  const ours = BtfTypes.parse(builder.encode());
  assert.deepEqual(descriptions(ours), descriptions(theirs));
  assert.ok(builder.count < before / 3);
  for (const [i, type] of all.entries()) {
    const merged = ours.byId(numbers(i + 1));
    if (type.kind !== 'fwd') assert.deepEqual([merged.kind, merged.name], [type.kind, type.name]);
    if (type.kind !== 'fwd')
      assert.equal(referencesOf(merged as NewBtfType).length, referencesOf(type).length);
  }
});

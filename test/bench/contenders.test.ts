import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oursArgv, type Start, served } from '../../bench/cases/contenders.ts';
import { floor } from '../../bench/peers/c.ts';

const skip = process.geteuid?.() === 0 ? false : 'needs root';
/** How many operations a round has, where it has more than a few. */
const COUNTS: Readonly<Record<string, number>> = { 'batch-lookup': 100_000, 'batch-lookup-decoded': 100_000 };
const SHARED = [
  'hash-lookup',
  'hash-update',
  'hash-delete',
  'array-lookup',
  'array-update',
  'batch-lookup',
].concat(['mapped-read', 'map-create', 'btf-index']);
const OURS = [...SHARED, 'batch-lookup-decoded', 'mapped-read-codec', 'map-create-forgotten'];

async function oneRound(start: ReturnType<Start>, name: string): Promise<void> {
  const session = await start();
  try {
    assert.ok((await session.round(COUNTS[name] ?? 5)) > 0);
  } finally {
    await session.close();
  }
}

for (const name of OURS) {
  test(`our side runs ${name}`, { skip }, () => oneRound(served(oursArgv(name)), name));
}

test('our side finds structs', { skip }, () =>
  oneRound(served(oursArgv('btf-find', 'task_struct', 'file')), 'btf-find'),
);

test('the floor runs every case', { skip }, async (t) => {
  const { program } = await floor();
  if (typeof program !== 'string') return t.skip(program.missing);
  for (const name of SHARED) await t.test(name, () => oneRound(served([program, name]), name));
});

test('a contender that cannot run a case says why', async () => {
  await assert.rejects(oneRound(served(oursArgv('no-such-case')), ''), /no case "no-such-case"/);
  await assert.rejects(oneRound(served(['/no/such/program']), ''), { code: 'ENOENT' });
});

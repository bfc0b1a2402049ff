import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Opened } from '../../../src/collection/load/opened.ts';

test('what was opened is closed once, the last first', () => {
  const opened = new Opened(undefined);
  const closed: string[] = [];
  for (const name of ['first', 'second']) opened.add({ close: () => closed.push(name) });
  opened.close();
  opened.close();
  assert.deepEqual(closed, ['second', 'first']);
});

for (const [how, stays] of [
  ['are removed', false],
  ['stay where the load succeeds', true],
] as const) {
  test(`new pins and their folder ${how}`, (t) => {
    const parent = mkdtempSync(join(tmpdir(), 'opened-'));
    t.after(() => rmSync(parent, { recursive: true }));
    const folder = join(parent, 'pins');
    const pin = join(folder, 'map');
    const opened = new Opened(undefined);
    mkdirSync(folder);
    opened.addPinFolder(folder);
    writeFileSync(pin, '');
    opened.addPin(pin);
    if (stays) opened.keepPins();
    opened.close();
    assert.deepEqual([existsSync(folder), existsSync(pin)], [stays, stays]);
  });
}

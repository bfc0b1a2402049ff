/**
 * A reporter for `node --test`. It ends with the reasons for all skips and one line `N passed, N failed, N skipped`.
 * Use it together with the spec reporter, which shows the tests themselves.
 */
import type { TestEvent } from 'node:test/reporters';

export default async function* summary(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const reasons = new Map<string, number>();
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    // Suites and files are containers. Under --test, the entry of a file has the file's path as its name.
    if (event.data.details.type === 'suite' || event.data.name.endsWith('.test.js')) {
      if (event.type === 'test:pass') continue;
      if (event.data.details.type === 'suite') continue;
    }
    const { skip } = event.data;
    if (skip !== undefined && skip !== false) {
      total.skipped++;
      const reason = typeof skip === 'string' ? skip : 'no reason given';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    } else if (event.type === 'test:pass') total.passed++;
    else total.failed++;
  }
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) {
    yield `skipped ${count}x: ${reason}\n`;
  }
  yield `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`;
}

/** A test reporter that writes each result as a line of JSON to descriptor 3. See run-fixture.ts. */
import { AssertionError } from 'node:assert';
import { writeSync } from 'node:fs';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { FixtureError, Result } from './run-fixture.ts';

function describeError(error: unknown): FixtureError {
  if (!(error instanceof Error)) {
    const text = String(error);
    return {
      ...{ name: typeof error, message: text, stack: '', properties: {} },
      ...{ inspected: inspect(error), isAssertionError: false },
    };
  }
  const properties = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'cause'));
  return {
    ...{ name: error.name, message: error.message, stack: error.stack ?? '' },
    properties: JSON.parse(
      JSON.stringify(properties, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
    ),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
    inspected: inspect(error),
    isAssertionError: error instanceof AssertionError,
  };
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  const path: string[] = [];
  const finished: (Result & { nesting: number })[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      path.splice(data.nesting, path.length, data.name);
    } else if (type === 'test:diagnostic') {
      const last = finished.findLast(({ nesting }) => nesting === data.nesting);
      if (last !== undefined) (last.diagnostics as string[]).push(data.message);
    } else if (type === 'test:pass' || type === 'test:fail') {
      const { skip, todo, nesting } = data;
      const { error } = data.details as { error?: { cause?: unknown } };
      const skipped = skip !== undefined && skip !== false;
      finished.push({
        path: [...path.slice(0, nesting), data.name],
        nesting,
        outcome: skipped ? 'skip' : type === 'test:pass' ? 'pass' : 'fail',
        ...(skipped ? { skip: String(skip) } : {}),
        ...(todo === undefined ? {} : { todo: String(todo) }),
        ...(error === undefined ? {} : { error: describeError(error.cause ?? error) }),
        diagnostics: [],
      });
    }
  }
  for (const { nesting: _, ...result } of finished) writeSync(3, `${JSON.stringify(result)}\n`);
}

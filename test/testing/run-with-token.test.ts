// depends on: older tokens, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FixtureRun, runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

let run: FixtureRun;
const result = (...path: string[]): ReturnType<FixtureRun['result']> => run.result('outer', ...path);

test('results come back as if the test had run in place', { skip }, async (t) => {
  run = await runFixture('results.js');

  await t.test('a pass, with its diagnostics in order', () => {
    const { outcome, diagnostics } = result('passes');
    assert.deepEqual([outcome, diagnostics], ['pass', ['one', 'two']]);
  });

  await t.test('a skip with its reason', () => {
    assert.deepEqual([result('skips').skip, result('skips without reason').skip], ['because', 'true']);
  });

  await t.test('a failure that is still to do', () => {
    const { outcome, todo, error } = result('is to do');
    assert.deepEqual([outcome, todo, error?.message], ['fail', 'later', 'not yet']);
  });

  await t.test('an assertion with its diff, values and stack', () => {
    const { error } = result('fails an assertion');
    assert.ok(error?.isAssertionError);
    assert.match(error.message, /\+ actual - expected[\s\S]*\+ {5}2[\s\S]*- {5}3/);
    assert.equal(error.properties.code, 'ERR_ASSERTION');
    assert.equal(error.properties.operator, 'deepStrictEqual');
    assert.equal(error.properties.generatedMessage, true);
    assert.deepEqual(error.properties.actual, { a: '1n', b: [1, 2, {}] });
    assert.match(error.stack, /fixtures\/results\.[jt]s:\d+/);
  });

  await t.test('values that cannot be carried over, as text', () => {
    const { error } = result('asserts about a function');
    assert.ok(error?.isAssertionError);
    assert.match(error.inspected, /actual: \[Function|\[Function \(anonymous\)\]/);
  });

  await t.test('an error of any class with properties and causes', () => {
    const { error } = result('throws its own class');
    assert.deepEqual([error?.name, error?.message], ['OwnError', 'own']);
    assert.deepEqual(error?.properties.list, [1, 2]);
    assert.deepEqual([error?.cause?.name, error?.cause?.message], ['TypeError', 'deep']);
    assert.equal(error?.cause?.cause?.message, 'deepest');
    assert.match(error?.stack ?? '', /^RangeError: own|^OwnError: own|^Error: own/);
  });

  await t.test('errors of the library with their fields', () => {
    const { error } = result('throws a TokenError');
    assert.equal(error?.name, 'TokenError');
    assert.equal(error?.properties.reason, 'permission_missing');
    assert.deepEqual(error?.properties.missing, [{ option: 'delegate_maps', name: 'array' }]);
    assert.deepEqual(error?.properties.delegation, {
      ...{ cmds: '1n', maps: '2n', progs: '0n', attachs: `${1n << 63n}n` },
    });
  });

  await t.test('the class too, by which they are told apart', () => {
    const { error } = result('throws a RelocationError');
    assert.equal(error?.name, 'RelocationError');
    assert.match(error?.stack ?? '', /^RelocationError: Cannot relocate type_size of struct s: none fits: /);
    assert.match(error?.inspected ?? '', /^RelocationError: /);
    assert.deepEqual(error?.properties.candidates, [{ name: 'struct s', typeId: 1, problem: 'no member' }]);
  });

  await t.test('errors within an AggregateError', () => {
    const { error } = result('throws an AggregateError');
    assert.equal(error?.name, 'AggregateError');
    assert.match(error?.inspected ?? '', /TypeError: first[\s\S]*Error: second/);
  });

  await t.test('values that are no errors', () => {
    assert.equal(result('throws a string').error?.message, 'just text');
    assert.equal(result('throws nothing').outcome, 'fail');
  });

  await t.test('failures outside the body', () => {
    assert.equal(result('rejects late').error?.message, 'late');
    assert.equal(result('throws beside the test').error?.message, 'beside');
  });

  await t.test('subtests at every depth', () => {
    assert.equal(result('has subtests').outcome, 'fail');
    assert.deepEqual(result('has subtests', 'good').diagnostics, ['from within']);
    assert.equal(result('has subtests', 'skipped').skip, 'no need');
    assert.equal(result('has subtests', 'bad').outcome, 'fail');
    assert.match(result('has subtests', 'bad', 'deep').error?.message ?? '', /1 !== 2/);
    assert.deepEqual(
      ['p1', 'p2'].map((name) => result('has subtests', name).outcome),
      ['pass', 'pass'],
    );
  });

  await t.test('a body with a callback', () => assert.equal(result('takes a callback').outcome, 'pass'));
});

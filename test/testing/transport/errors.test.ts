// depends on: runtime
import assert, { AssertionError } from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import * as library from '../../../src/errors/index.ts';
import { decodeError } from '../../../src/testing/transport/decode-error.ts';
import { type Encoded, encodeError } from '../../../src/testing/transport/encode-error.ts';

const { BpfError, ClosedError, FormatError, NotSupportedError, RelocationError, TokenError, VerifierError } =
  library;

/** The error as it arrives in the other process. */
const sent = (error: unknown): unknown => decodeError(deserialize(serialize(encodeError(error))) as Encoded);

const cause = new FormatError('bad', { file: 'x.o', section: '.BTF', offset: 7 });
const samples: Readonly<Record<string, Error>> = {
  BpfError: new BpfError('x', { code: 'EPERM', errno: 1, syscall: 'bpf', command: 'map_create', cause }),
  ClosedError: new ClosedError('map "m"'),
  FormatError: cause,
  NotSupportedError: new NotSupportedError('x', { feature: 'map type arena', since: '6.9' }),
  RelocationError: new RelocationError('none fits', {
    kind: 'field_byte_offset',
    path: 'struct task_struct::mm (0:5)',
    candidates: [{ name: 'struct task_struct', typeId: 12, problem: 'it has no member mm' }],
    cause,
  }),
  TokenError: new TokenError('refused', {
    ...{ code: 'EPERM', errno: 1, reason: 'permission_missing', mount: '/sys/fs/bpf' },
    ...{ missing: [{ option: 'delegate_maps', name: 'array' }], capabilities: ['bpf'] },
    delegation: { cmds: 1n, maps: 2n, progs: 0n, attachs: 1n << 63n },
    candidates: [{ mount: '/x', outcome: 'usable', code: undefined, explanation: 'y' }],
    cause,
  }),
  VerifierError: new VerifierError('load program "p"', {
    ...{
      errno: 13,
      log: '0: (95) exit\nR0 !read_ok\n',
      truncated: true,
      hint: 'do not',
      command: 'prog_load',
    },
  }),
};
const classes = Object.values(library).filter(
  (each): each is typeof BpfError =>
    typeof each === 'function' && (each === BpfError || each.prototype instanceof BpfError),
);

test('every class of the library arrives with its class, fields, stack and cause', () => {
  for (const { name } of classes) {
    const error = samples[name];
    assert.ok(error, `no sample of ${name}`);
    const got = sent(error);
    assert.ok(got instanceof Error);
    assert.deepEqual(got, error);
    assert.equal(Object.getPrototypeOf(got), Object.getPrototypeOf(error));
    assert.deepEqual([got.name, got.message, got.stack], [name, error.message, error.stack]);
    for (const other of classes) {
      assert.equal(other.is(got), other.is(error), `${name} is ${other.name}`);
    }
  }
});

test('classes that the other process does not have become the nearest above, and keep their name', () => {
  class Mine extends TokenError {
    override readonly name: string = 'Mine';
    readonly more = [1n, new Date(0)];
  }
  class Getter extends RangeError {
    override get name(): string {
      return 'Getter';
    }
  }
  const mine = sent(new Mine('x', { code: 'EPERM', reason: 'no_token' })) as Mine;
  assert.equal(Object.getPrototypeOf(mine), TokenError.prototype);
  assert.ok(TokenError.is(mine));
  assert.deepEqual([mine.name, mine.reason, mine.more], ['Mine', 'no_token', [1n, new Date(0)]]);
  const getter = sent(new Getter('y')) as Error;
  assert.ok(getter instanceof RangeError);
  assert.deepEqual([getter.name, String(getter)], ['Getter', 'Getter: y']);
});

test('errors within errors keep their classes, however they are held', () => {
  const inner = samples.RelocationError;
  const error = Object.assign(new AggregateError([inner, new TypeError('t', { cause: inner })], 'several'), {
    list: [[inner]],
    record: { one: { two: inner }, plain: 3n },
  });
  const got = sent(error) as typeof error;
  const [first, second] = got.errors as [unknown, Error];
  for (const each of [first, second.cause, got.list[0]?.[0], got.record.one.two]) {
    assert.ok(RelocationError.is(each));
    assert.deepEqual(each, inner);
  }
  assert.ok(second instanceof TypeError);
  assert.equal(got.record.plain, 3n);
});

test('errors of the language, of Node and of the web', () => {
  const failed = ((): unknown => {
    try {
      assert.deepEqual({ a: 1 }, { a: 2 });
    } catch (error) {
      return error;
    }
    return undefined;
  })();
  assert.ok(sent(failed) instanceof AssertionError);
  assert.equal((sent(failed) as AssertionError).message, (failed as AssertionError).message);
  for (const errorClass of [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    const got = sent(new errorClass('x'));
    assert.ok(got instanceof errorClass);
  }
  const aborted = sent(AbortSignal.abort().reason) as DOMException;
  assert.ok(aborted instanceof DOMException);
  assert.deepEqual([aborted.name, aborted.code], ['AbortError', 20]);
});

test('circles and what cannot be sent do not stand in the way', () => {
  const error = new TypeError('x') as TypeError & {
    self: unknown;
    list: unknown[];
    fn: unknown;
    odd: unknown;
  };
  const list: unknown[] = [error];
  list.push(list);
  Object.assign(error, { self: error, list, fn: () => 1, odd: { fn: () => 1, error } });
  const got = sent(error) as typeof error;
  assert.ok(got instanceof TypeError);
  assert.deepEqual([String(got.self), String(got.list[0])], ['[Circular]', '[Circular]']);
  assert.equal(got.fn, undefined);
});

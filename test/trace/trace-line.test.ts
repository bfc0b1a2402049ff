import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTraceLine } from '../../src/trace/index.ts';

const event = 'bpf_trace_printk';

const lines: readonly (readonly [line: string, parts: object | undefined])[] = [
  [
    '            node-13715   [001] b..11 60541.751276: bpf_trace_printk: hello 42',
    { task: 'node', pid: 13715, cpu: 1, time: 60541751.276, event, text: 'hello 42' },
  ],
  [
    ' node-MainThread-12       [000] b..11     0.000001: bpf_trace_printk: ',
    { task: 'node-MainThread', pid: 12, cpu: 0, time: 0.001, event, text: '' },
  ],
  [
    '           <...>-8       [127] d.s2. 10.000000: bpf_trace_printk: a: b',
    { task: '<...>', pid: 8, cpu: 127, time: 10_000, event, text: 'a: b' },
  ],
  [
    '          <idle>-0       (-------) [001] d.h3. 9.500000: bpf_trace_printk: x',
    { task: '<idle>', pid: 0, cpu: 1, time: 9500, event, text: 'x' },
  ],
  [
    '            a b -7       (      5) [1024] ..... 9.500000: sched_switch: prev_comm=a',
    { task: 'a b ', pid: 7, cpu: 1024, time: 9500, event: 'sched_switch', text: 'prev_comm=a' },
  ],
  [
    'x-1 [000] 1.2: y-9       [003] 1.000002: bpf_trace_printk: z-1 [000] ..... 2.000000: f: g',
    {
      task: 'x-1 [000] 1.2: y',
      pid: 9,
      cpu: 3,
      time: 1000.002,
      event,
      text: 'z-1 [000] ..... 2.000000: f: g',
    },
  ],
  ['second line of a text', undefined],
  ['CPU:0 [LOST 12 EVENTS]', undefined],
  ['            node-1       [001] b..11      123456: bpf_trace_printk: a clock that counts', undefined],
  ['            node-1       [001] d..1.  1.000000: do_exit <-do_group_exit', undefined],
  ['', undefined],
];

for (const [line, parts] of lines) {
  test(`parts of "${line.trim()}"`, () => assert.deepEqual(parseTraceLine(line), parts));
}

test('only text can be parsed', () => {
  assert.throws(() => parseTraceLine(1 as never), {
    name: 'TypeError',
    message: 'parseTraceLine: line must be a string, got 1',
  });
});

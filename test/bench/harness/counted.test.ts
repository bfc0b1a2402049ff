import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsOfLastRound } from '../../../bench/harness/counted.ts';

const TRACE = String.raw`11 read(0, "1\n", 64)                    = 2
11 bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH}, 80) = 5
11 write(1, "12345\n", 6)               = 6
12 futex(0x1, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>
11 read(0,  <unfinished ...>
12 <... futex resumed>)                 = 0
11 <... read resumed>"7\n", 64)         = 2
11 read(0, "10\n", 64)                  = 3
12 bpf(BPF_MAP_FREEZE, {map_fd=5}, 4)   = 0
11 bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH}, 80 <unfinished ...>
12 madvise(0x7f0000000000, 4096, MADV_DONTNEED) = 0
11 <... bpf resumed>)                   = 5
11 close(5)                             = 0
11 write(1, "23456\n", 6)               = 6
11 close(0)                             = 0
`;

test('the calls of the thread that answers, between the count and the answer', () => {
  assert.deepEqual(callsOfLastRound(TRACE, 10), ['bpf', 'close']);
});

test('a round that begins with a call in two parts', () => {
  assert.deepEqual(callsOfLastRound(TRACE, 7), ['read', 'bpf', 'close']);
});

test('a trace without the round is an error, not zero calls', () => {
  assert.throws(() => callsOfLastRound(TRACE, 100), /holds no round/);
});

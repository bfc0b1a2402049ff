// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder } from '../../src/btf/index.ts';
import { bpf, Fd } from '../../src/sys/index.ts';

test('the kernel takes what is built', (t) => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 'signed');
  const pointer = builder.ptr(builder.nextId + 1);
  builder.struct('node', 16, [
    { name: 'next', type: pointer },
    { name: 'value', type: int, offset: 8 },
    { name: 'bits', type: int, bitOffset: 96, bitSize: 3 },
  ]);
  builder.enum('sign', [{ name: 'MINUS', value: -1 }]);
  const variable = builder.variable('v', int);
  builder.dataSection('.data', 4, [{ type: variable, offset: 0, size: 4 }]);
  const proto = builder.funcProto(int, [{ name: 'n', type: pointer }]);
  builder.declTag('tag', builder.func('fn', proto), 0);
  builder.array(builder.typedef('number', builder.modifier('const', int)), 4, int);
  const bytes = builder.encode();
  const log = new Uint8Array(65536);
  const result = bpf('btf_load', {
    btf: bytes,
    btf_size: bytes.length,
    btf_log_buf: log,
    btf_log_size: log.length,
    btf_log_level: 1,
  });
  if (result === -1) {
    t.skip('not allowed to load BTF (needs CAP_BPF)');
    return;
  }
  assert.ok(result >= 0, `errno ${-result}: ${Buffer.from(log).toString().replace(/\0+$/, '')}`);
  Fd.adopt(result, 'BTF').close();
});

// depends on: runtime
import assert from 'node:assert/strict';
import { release } from 'node:os';
import { test } from 'node:test';
import { versionCode } from '../../src/collection/externs/kernel-config.ts';
import { type KernelWords, kernelVersion, kernelVersionIn } from '../../src/sys/kernel-version.ts';

const PLAIN = '#1 SMP PREEMPT_DYNAMIC Thu Feb  1 10:05:06 UTC 2024';

/**
 * The codes that libbpf computes from the same words. If there is no third number, libbpf gives 0, and the table has
 * the code that the words mean.
 */
const rows: readonly (readonly [code: number, release: string, version?: string, signature?: string])[] = [
  [0x60c55, '6.12.85+deb13-amd64', '#1 SMP PREEMPT_DYNAMIC Debian 6.12.85-1 (2026-05-01)'],
  [0x6014c, '6.1.0-18-amd64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)'],
  [0x6061f, '6.6.31+rpt-rpi-v8', '#1 SMP PREEMPT Debian 1:6.6.31-1+rpt1 (2024-05-29)'],
  [0x6061f, '6.6.31+rpt-rpi-v8'],
  [0x61205, '6.18.5+'],
  [0x61205, '6.18.5'],
  [0x50f83, '5.15.0-91-generic', '#101-Ubuntu SMP', 'Ubuntu 5.15.0-91.101-generic 5.15.131\n'],
  [0x50f00, '5.15.0-91-generic', '#101-Ubuntu SMP', 'something else'],
  [0x60d00, '6.13.0-rc3-00012-gabcdef012345'],
  [0x60d00, '6.13-rc3'],
  [0x60102, '6.1.2-300.fc37.x86_64'],
  [0x50a10, '5.10.16.3-microsoft-standard-WSL2'],
  [0x409ff, '4.9.337', PLAIN],
  [0x404ff, '4.4.302+'],
  [0x60c55, '6.12.85_1'],
];

for (const [code, name, version = PLAIN, signature] of rows) {
  test(`${name} ${version} ${signature ?? ''}`, () => {
    const found = kernelVersionIn({ release: name, version, signature });
    assert.equal(versionCode(found ?? assert.fail()).toString(16), code.toString(16));
  });
}

test('words without numbers have no version', () => {
  for (const words of ['', 'linux', 'v6.1', '6', `${'9'.repeat(30)}.1.1`]) {
    const said: KernelWords = { release: words, version: words, signature: words };
    assert.equal(kernelVersionIn(said), undefined, words);
  }
});

test('the running kernel has one', () => {
  const [major, minor] = kernelVersion() ?? assert.fail();
  assert.ok(release().startsWith(`${major}.${minor}`));
});

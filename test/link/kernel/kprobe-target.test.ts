import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKprobeTarget } from '../../../src/link/kernel/kprobe-target.ts';

test('what follows kprobe/ in the name of a section', () => {
  const at = (name: string, offset = 0, module?: string): object => ({ function: name, offset, module });
  const cases: [string, object | undefined][] = [
    ['do_unlinkat', at('do_unlinkat')],
    ['do_unlinkat+0x10', at('do_unlinkat', 16)],
    ['do_unlinkat+0', at('do_unlinkat')],
    ['do_unlinkat+12', at('do_unlinkat', 12)],
    ['do_unlinkat+010', at('do_unlinkat', 8)],
    ['memcg_slab.constprop.0', at('memcg_slab.constprop.0')],
    ['nf_conntrack:nf_conntrack_in+0X1F', at('nf_conntrack_in', 31, 'nf_conntrack')],
    ['', undefined],
    ['do_unlinkat+', undefined],
    ['do_unlinkat-4', undefined],
    ['do_unlinkat+089', undefined],
    ['do unlinkat', undefined],
    ['vfs_*', undefined],
    ['a:b:c', undefined],
    ['a+99999999999999999999', undefined],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseKprobeTarget(text), expected, text);
});

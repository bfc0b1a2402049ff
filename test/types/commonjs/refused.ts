// Before TypeScript 5.8, and with `module: node16`, an import that becomes `require` cannot name an ES module.
// @ts-expect-error
import { BpfMap } from 'ebpf-ts';

// @ts-expect-error
import asm = require('ebpf-ts/asm');

export const unused = [BpfMap, asm];

import type { Target } from '../target.ts';
import { btf } from './btf.ts';
import { btfExt } from './btf-ext.ts';
import { core } from './core.ts';
import { elf } from './elf.ts';
import { ldCaches } from './ld-cache.ts';
import { spec } from './spec.ts';

export const targets: readonly Target[] = [elf, btf, btfExt, core, spec, ldCaches];

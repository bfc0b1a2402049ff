import type { BenchCase } from '../harness/case.ts';
import { attachCases } from './attach.ts';
import { btfCases } from './btf.ts';
import { eventCases } from './events.ts';
import { loadCases } from './load.ts';
import { mapCases } from './map.ts';
import { startCases } from './start.ts';
import { tokenCases } from './token.ts';

/** All cases with their targets, in the order of the report. */
export const cases: readonly BenchCase[] = [
  ...mapCases,
  ...eventCases,
  ...tokenCases,
  ...btfCases,
  ...loadCases,
  ...attachCases,
  ...startCases,
];

export { POISON_HELPER } from './patch.ts';
export { type PoisonedInstruction, type Relocated, relocate } from './relocate.ts';

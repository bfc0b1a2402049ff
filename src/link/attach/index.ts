/** Attaching programs by what their sections say. */
export { attach } from './attach.ts';
export type { AttachOptions } from './options.ts';
export { type Places, type PlannedAttach, planAttach, type Unattachable } from './plan.ts';

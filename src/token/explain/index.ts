/** Explanations: why a call was refused, and what to change. */
export { refusal } from './refusal.ts';

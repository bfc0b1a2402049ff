export { codecOf } from './codec-of.ts';

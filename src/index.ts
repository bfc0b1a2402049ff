export { BpfError } from './errors/index.ts';

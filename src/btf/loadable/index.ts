export { type DataLayout, type LoadableOptions, loadableBtf } from './loadable.ts';
export { type BtfLack, SANITISING_STEPS } from './sanitise.ts';

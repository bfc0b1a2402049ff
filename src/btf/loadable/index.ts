export { type DataLayout, type LoadableOptions, loadableBtf } from './loadable.ts';
export { type BtfLack, concernsLack, SANITISING_STEPS } from './sanitise.ts';

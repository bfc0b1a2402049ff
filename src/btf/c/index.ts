export { type PrintOptions, printTypesAsC } from './print.ts';

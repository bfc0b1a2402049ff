/** Import this before anything that is fuzzed: `node --import=.../register.js`. */
import { register } from 'node:module';
import { COUNTER_COUNT, COUNTERS } from './instrument.ts';

Object.assign(globalThis, { [COUNTERS]: new Uint8Array(COUNTER_COUNT) });
register('./hooks.js', import.meta.url);

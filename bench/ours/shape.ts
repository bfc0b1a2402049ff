/** The shape of the measured maps, the same for every contender (bench/peers/c/serve.h). */
export const SMALL_ENTRIES = 1024;
export const DELETE_ENTRIES = 65_536;
export const BATCH_ENTRIES = 100_000;

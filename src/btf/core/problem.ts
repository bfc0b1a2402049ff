/**
 * A relocation that is impossible, whatever else the kernel's types hold. The relocator puts it into a RelocationError
 * that says what was relocated.
 */
export class Unrelocatable extends Error {}

/** The most steps that one relocation may take. Real ones take hundreds. This ends what hostile types make endless. */
const MAX_STEPS = 1 << 20;

/** Counts the steps of a relocation. */
export class StepCounter {
  #left = MAX_STEPS;

  /** @throws Unrelocatable when there were too many */
  step(count = 1): void {
    this.#left -= count;
    if (this.#left < 0) throw new Unrelocatable('the types are nested without end');
  }
}

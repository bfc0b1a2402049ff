import { OURS } from '../../../errors/index.ts';
import type { Link } from '../../link.ts';
import { LinkGroup } from '../../link-group.ts';

/** Makes the ids of specs free when a link was forgotten. What is registered must not refer to the link. */
const forgotten = new FinalizationRegistry<() => void>((giveBack) => giveBack());

/** The links of one program to the places of a USDT probe. It gives back what it has in the map of specs. */
export class UsdtLink extends LinkGroup {
  #giveBack: (() => void) | undefined;

  /** @internal */
  constructor(first: Link, others: readonly Link[], giveBack: () => void) {
    super(OURS, first, others);
    this.#giveBack = giveBack;
    forgotten.register(this, giveBack, this);
  }

  /**
   * Pins the link, if it is a single one. The program then goes on reading its specs, so they stay in the map for the
   * life of this process.
   *
   * @throws BpfError
   */
  override pin(path: string): void {
    const [only, second] = this.links;
    if (only === undefined || second !== undefined) {
      super.pin(path);
    } else {
      only.pin(path);
      this.#giveBack = undefined;
      forgotten.unregister(this);
    }
  }

  /** Removes a pin, if it is a single link. @throws BpfError */
  override unpin(path: string): void {
    const [only, second] = this.links;
    if (only === undefined || second !== undefined) super.unpin(path);
    else only.unpin(path);
  }

  override close(): void {
    super.close();
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    forgotten.unregister(this);
    giveBack?.();
  }
}

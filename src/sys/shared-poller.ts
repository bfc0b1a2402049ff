import { Poller } from './poller.ts';

let shared: { readonly poller: Poller; users: number } | undefined;

/** A share of the one poller that all readers of this thread wait with. */
export interface PollerShare {
  readonly poller: Poller;
  /** Gives the share back; more calls do nothing. The poller ends with its last share. */
  release(): void;
}

/** A share of the poller, whose thread waits for all readers as long as there are any. @throws BpfError */
export function sharePoller(): PollerShare {
  shared ??= { poller: new Poller(), users: 0 };
  const mine = shared;
  mine.users++;
  let held = true;
  return {
    poller: mine.poller,
    release(): void {
      if (!held) return;
      held = false;
      if (--mine.users > 0) return;
      shared = undefined;
      mine.poller.close();
    },
  };
}

/** Every process, for perf_event_open. */
export const EVERY_PROCESS = -1;

/**
 * A process as the kinds of attaching take it: its id, 0 for this one, -1 for every one.
 *
 * @throws RangeError for other numbers
 */
export function checkProcess(what: string, processId: number): number {
  if (!Number.isInteger(processId) || processId < EVERY_PROCESS || processId > 0x7fff_ffff) {
    throw new RangeError(
      `${what}: processId must be the id of a process, 0 for this one or -1 for all, got ${processId}`,
    );
  }
  return processId;
}

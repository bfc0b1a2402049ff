import type { BenchCase, CaseResult, Entrant, Row } from './case.ts';
import { judge } from './judge.ts';
import type { Session } from './session.ts';

interface Runner {
  readonly entrant: Entrant;
  readonly values: number[];
  session?: Session | undefined;
  missing?: string | undefined;
}

async function attempt(runner: Runner, action: () => Promise<void>): Promise<void> {
  if (runner.missing !== undefined) return;
  try {
    await action();
  } catch (error) {
    // If one contender fails, the others still have results. Its row shows the error.
    runner.missing = error instanceof Error ? error.message : String(error);
    runner.values.length = 0;
  }
}

async function open(runner: Runner): Promise<void> {
  const how = runner.entrant.open;
  if (typeof how === 'function') runner.session = await how();
  else runner.missing = how.missing;
}

/**
 * Measures a case. Every round runs each contender once, and each round starts with another contender, so that none of
 * them always meets the machine in the same state.
 */
export async function runCase(bench: BenchCase, rounds: number = bench.rounds): Promise<CaseResult> {
  const runners = (await bench.entrants()).map((entrant): Runner => ({ entrant, values: [] }));
  for (const runner of runners) await attempt(runner, () => open(runner));
  for (let round = -bench.warmup; round < rounds; round++) {
    for (let turn = 0; turn < runners.length; turn++) {
      const runner = runners[(turn + round + bench.warmup) % runners.length];
      if (runner === undefined) continue;
      await attempt(runner, async () => {
        const cost = await runner.session?.round(bench.count);
        if (cost !== undefined && round >= 0) runner.values.push(cost / bench.count);
      });
    }
  }
  for (const { session } of runners) await session?.close();
  const rows = runners.map(
    ({ entrant, values, missing }): Row => ({ id: entrant.id, name: entrant.name, values, missing }),
  );
  return { bench, rows, verdicts: bench.targets.map((target) => judge(target, rows, bench.unit)) };
}

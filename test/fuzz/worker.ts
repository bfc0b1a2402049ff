/** The thread that reads damaged inputs of one target. It ends when the time is over or it has found enough. */
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage/coverage.ts';
import { type Finding, signatureOf } from './finding.ts';
import { limitOf, measure, retained } from './memory.ts';
import { minimise } from './minimise.ts';
import { random } from './mutate/random.ts';
import { SharedInput } from './shared-input.ts';
import type { Input } from './target.ts';
import { targets } from './targets/index.ts';

/** The data that a thread is started with. */
export interface Task {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly memory: SharedArrayBuffer;
}

/** What a thread reports when it ends. */
export interface Report {
  readonly runs: number;
  readonly corpus: number;
  readonly branches: number;
}

const ENOUGH = 10;
const CORPUS = 5000;

const task = workerData as Task;
const target = targets.find(({ name }) => name === task.target);
if (target === undefined || parentPort === null) throw new Error(`no target ${task.target}`);
const { run } = target;
const port = parentPort;
const shared = new SharedInput(task.memory);
const next = random(task.seed);
const coverage = new Coverage();
const found = new Set<string>();
let runs = 0;

/** An input to be damaged, and the undamaged input that it comes from. */
interface Parent {
  readonly input: Input;
  readonly origin: Input;
  /** How long it took to read, in milliseconds. */
  readonly cost: number;
}

const corpus: Parent[] = [];

function report(finding: Finding): void {
  if (found.has(finding.signature)) return;
  found.add(finding.signature);
  port.postMessage(finding);
}

function failure(input: Input): unknown {
  try {
    run(input);
    return undefined;
  } catch (error) {
    return error ?? 'nothing';
  }
}

function checkMemory(input: Input): void {
  const kept = retained(() => run(input));
  if (kept <= limitOf(input)) return;
  const length = input.reduce((sum, part) => sum + part.length, 0);
  report({ kind: 'memory', signature: 'memory', text: `${kept} bytes stay of an input of ${length}`, input });
}

/** Reads one input. Returns whether it did something new. */
function tryInput(input: Input, origin: Input): boolean {
  shared.begin(++runs, input);
  coverage.clear();
  try {
    const { allocated } = measure(() => run(input));
    const fresh = coverage.isNew();
    // Measuring what stays takes two rounds of the collector, which is too slow to do for every input.
    if (allocated > (fresh ? 1 : 4) * limitOf(input)) checkMemory(input);
    return fresh;
  } catch (error) {
    const signature = signatureOf(error);
    if (!found.has(signature)) {
      const small = minimise(input, origin, (other) => {
        shared.begin(++runs, other);
        const same = failure(other);
        return same !== undefined && signatureOf(same) === signature;
      });
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      report({ kind: 'error', signature, text, input: small });
    }
    return false;
  } finally {
    shared.end();
  }
}

function tryAndKeep(input: Input, origin: Input, always: boolean): void {
  const start = performance.now();
  const fresh = tryInput(input, origin);
  if (!always && (!fresh || corpus.length >= CORPUS)) return;
  corpus.push({ input, origin, cost: performance.now() - start });
}

/** Chooses an input. Prefers those that reached something recently, and those that are read fast. */
function choose(): Parent | undefined {
  const recent = next(3) === 0 ? Math.min(corpus.length, 50) : corpus.length;
  const [one, other] = [corpus.length - 1 - next(recent), corpus.length - 1 - next(recent)].map(
    (at) => corpus[at],
  );
  return one !== undefined && other !== undefined && other.cost < one.cost ? other : one;
}

for (const input of target.seeds(next)) tryAndKeep(input, input, true);
const end = performance.now() + task.seconds * 1000;
while (performance.now() < end && found.size < ENOUGH) {
  const parent = choose();
  if (parent === undefined) break;
  tryAndKeep(target.mutate(parent.input, next), parent.origin, false);
}
port.postMessage({ runs, corpus: corpus.length, branches: coverage.branches } satisfies Report);

/** Runs one target in its own thread, and ends it if an input takes too long. */
import { Worker } from 'node:worker_threads';
import type { Finding } from './finding.ts';
import { SharedInput } from './shared-input.ts';
import type { Report, Task } from './worker.ts';

/** Seconds of processor time that one input may take. The watching thread itself takes almost none. */
const PATIENCE = 10;
/** Much more than 20 times the size of any input. */
const HEAP_MEGABYTES = 512;
const NEW_MEGABYTES = 48;

export interface Result extends Report {
  readonly findings: readonly Finding[];
}

/** Fuzzes one target. Ends early if a run hangs or uses up all memory. */
export function fuzz(task: Omit<Task, 'memory'>): Promise<Result> {
  const shared = new SharedInput();
  const findings: Finding[] = [];
  let report: Report = { runs: 0, corpus: 0, branches: 0 };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...task, memory: shared.memory } satisfies Task,
    execArgv: [`--import=${new URL('./coverage/register.js', import.meta.url).href}`],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES, maxYoungGenerationSizeMb: NEW_MEGABYTES },
  });
  const broken = (kind: Finding['kind'], text: string): void => {
    findings.push({ kind, signature: kind, text: `run ${shared.run}: ${text}`, input: shared.read() });
  };

  let run = 0;
  let since = process.cpuUsage();
  const watch = setInterval(() => {
    if (shared.run !== run || run === 0) {
      run = shared.run;
      since = process.cpuUsage();
      return;
    }
    const { user, system } = process.cpuUsage(since);
    if (user + system < PATIENCE * 1e6) return;
    report = { ...report, runs: run };
    broken('hang', `more than ${PATIENCE} s of processor time`);
    void worker.terminate();
  }, 200);

  return new Promise((resolve) => {
    worker.on('message', (message: Finding | Report) => {
      if ('kind' in message) findings.push(message);
      else report = message;
    });
    worker.on('error', (error) => {
      const memory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      broken(memory ? 'memory' : 'error', error.stack ?? error.message);
    });
    worker.on('exit', () => {
      clearInterval(watch);
      resolve({ ...report, findings });
    });
  });
}

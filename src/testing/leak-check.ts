/**
 * Counts what a process holds, now and when it ends, and fails the process for what was added: descriptors, child
 * processes, mounts, and namespaces it moved to. If you load it before a test file, the file fails for its leaks: `node
 * --import ebpf-ts/testing/leak-check --test`.
 *
 * Descriptors of this library are shown with the stack of their creation. Mounts belong to no process, so they are
 * compared only if no other test file ran beside this one. In a process of `runWithToken` the subtest fails instead.
 * Its mounts are not compared, because they go with their namespace.
 */
import { createRequire } from 'node:module';
import { openDescriptors, traceDescriptors } from '../sys/fd.ts';
import {
  childProcesses,
  describeProcess,
  mountLines,
  namespaceLinks,
  openFiles,
  siblingProcesses,
} from '../sys/inventory.ts';
import { childState } from './child/state.ts';

const require = createRequire(import.meta.url);

/** Kinds of descriptors that Node opens for itself at any time, and keeps. */
const OF_THE_RUNTIME = /^(anon_inode:\[?(eventpoll|eventfd|io_uring)\]?|\/dev\/null)$/;
const PIPE = /^pipe:/;

const before = {
  files: openFiles(),
  mounts: new Set(mountLines()),
  namespaces: namespaceLinks(),
};
/** Whether another test file was seen beside this one, at its start or end. */
let accompanied = siblingProcesses().length > 0;
traceDescriptors(true);

/** Tokens are kept on purpose for as long as the process runs. */
function releaseTokens(): void {
  if (!openDescriptors().some(({ what }) => what.startsWith('BPF token of'))) return;
  (require('../token/index.js') as typeof import('../token/index.ts')).releaseTokens();
}

function leakedFiles(): string[] {
  releaseTokens();
  const own = new Map(openDescriptors().map((each) => [each.fd, each]));
  const files = openFiles();
  const targets = [...files.values()];
  const leaks: string[] = [];
  for (const [fd, target] of files) {
    if (fd <= 2 || before.files.get(fd) === target || OF_THE_RUNTIME.test(target)) continue;
    // Both ends are in one process: the runtime passes signals to its loop this way.
    if (PIPE.test(target) && targets.filter((each) => each === target).length > 1) continue;
    const owner = own.get(fd);
    const stack = owner?.stack?.split('\n').slice(1).join('\n');
    leaks.push(
      `descriptor ${fd}: ${owner?.what ?? target}${stack === undefined ? '' : `, opened\n${stack}`}`,
    );
  }
  return leaks;
}

function leaks(): string[] {
  const found = leakedFiles();
  for (const pid of childProcesses()) {
    const description = describeProcess(pid);
    if (description !== undefined) found.push(`process ${pid}: ${description}`);
  }
  for (const [kind, link] of namespaceLinks()) {
    if (before.namespaces.get(kind) !== link) found.push(`${kind} namespace: this process is in another one`);
  }
  accompanied ||= siblingProcesses().length > 0;
  if (!accompanied && childState() === undefined) {
    for (const line of mountLines()) if (!before.mounts.has(line)) found.push(`mount: ${line}`);
  }
  return found;
}

process.once('exit', () => {
  const found = leaks();
  if (found.length === 0) return;
  const state = childState();
  if (state !== undefined) {
    state.send({ kind: 'leaked', what: found });
    return;
  }
  console.error(
    `Leaked by ${process.argv[1] ?? 'this process'}:\n${found.map((each) => `- ${each}`).join('\n')}`,
  );
  process.exitCode = 1;
});

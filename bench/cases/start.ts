/** How much the package adds to the start of a process. */
import { fileURLToPath } from 'node:url';
import type { BenchCase, Entrant } from '../harness/case.ts';
import { wholeProcess } from '../harness/session.ts';

const packageMain = new URL('../../lib/index.js', import.meta.url).href;
const emptyBody = fileURLToPath(new URL('../ours/empty-body.js', import.meta.url));

const node: Entrant = {
  id: 'node',
  name: 'node -e 0',
  open: wholeProcess([process.execPath, '-e', '0']),
};

/** A test that does nothing, without any library. */
const EMPTY_TEST = ['--input-type=module', '-e', "import { test } from 'node:test'; test('a', () => {})"];

/** The environment without the variable that makes a process a child of Node's test runner. */
function outsideTestRunner(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return env;
}

export const startCases: readonly BenchCase[] = [
  {
    name: 'import',
    title: 'a process that imports the package and ends',
    operation: 'process',
    unit: 'time',
    count: 1,
    rounds: 25,
    warmup: 2,
    base: 'node',
    entrants: async () => [
      {
        id: 'ours',
        name: "import 'ebpf-ts'",
        open: wholeProcess([process.execPath, '--input-type=module', '-e', `import '${packageMain}'`]),
      },
      {
        id: 'module',
        name: 'an empty module',
        open: wholeProcess([process.execPath, '--input-type=module', '-e', '']),
      },
      node,
    ],
    targets: [{ text: 'under 30 ms on top of Node', of: 'node', times: 1, plus: 30e6 }],
  },
  {
    name: 'run-with-token',
    title: 'a test file with one runWithToken whose body is empty',
    operation: 'process',
    unit: 'time',
    count: 1,
    rounds: 15,
    warmup: 2,
    base: 'node',
    entrants: async () => [
      {
        id: 'ours',
        name: 'runWithToken, empty body',
        open: wholeProcess([process.execPath, emptyBody], outsideTestRunner()),
      },
      {
        id: 'empty-test',
        name: 'a test file with an empty test',
        open: wholeProcess([process.execPath, ...EMPTY_TEST], outsideTestRunner()),
      },
      {
        id: 'two-tests',
        name: 'two of them, one after the other',
        open: wholeProcess(
          ['/bin/sh', '-c', '"$0" "$@" && exec "$0" "$@"', process.execPath, ...EMPTY_TEST],
          outsideTestRunner(),
        ),
      },
      node,
    ],
    targets: [{ text: 'one Node start plus 25 ms above node -e 0', of: 'node', times: 2, plus: 25e6 }],
  },
];

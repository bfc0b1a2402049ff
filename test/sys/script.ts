import { spawnSync } from 'node:child_process';

const source = new URL('../../src', import.meta.url).href;

/**
 * The reason why a test without /proc cannot run, or false. Without /proc, AddressSanitizer does not find its own
 * options.
 */
export const needsOwnProc: string | false =
  process.env.ASAN_OPTIONS !== undefined && 'AddressSanitizer needs /proc';

/**
 * What is done to the process before a script runs in it. `before` is the beginning of a command. The words of the
 * script's own command follow it.
 */
export interface Surroundings {
  readonly before?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** `sh -c TEXT`, whose text may use `"$@"` for the script's own command. */
export const shell = (text: string): readonly string[] => ['sh', '-c', text, 'sh'];

/** Defines everything that scripts use, under its own name. */
const PRELUDE = `
const [errors, sys, token, map, program, asm, codec] = await Promise.all(
  ['errors', 'sys', 'token', 'map', 'program', 'asm', 'bytes/codec'].map((name) => import('${source}/' + name + '/index.js')));
const { addressOf, kernelBtf, native, syscall } = sys;
const { BpfMap } = map, { Program } = program, { exit, mov, r0 } = asm, { u32 } = codec;
const layer = (name) => import('${source}/' + name + '/index.js');
const hash = () => BpfMap.create({ type: 'hash', name: 'counters', key: u32, value: u32, maxEntries: 1 });
const filter = () => Program.loadSync({ type: 'socket_filter', name: 'pass', instructions: [mov(r0, 0), exit()] });
/** What comes of it: the error's class, code and message. */
const outcome = async (run) => {
  try { const made = await run(); made?.close?.(); return 'ok'; }
  catch (error) { return [error.name, error.code, error.message].join(' | '); }
};
/** Lets a seccomp filter answer one system call of this thread, and of threads made later, with an errno. */
const refuse = (errno, name) => {
  const ins = (code, jt, jf, k) => [code & 0xff, code >> 8, jt, jf, ...new Uint8Array(Uint32Array.of(k).buffer)];
  const code = Uint8Array.from([
    ...ins(0x20, 0, 0, 0), // the number of the call
    ...ins(0x15, 0, 1, native().numbers[name]),
    ...ins(0x06, 0, 0, 0x00050000 | errno),
    ...ins(0x06, 0, 0, 0x7fff0000),
  ]);
  const program = new BigUint64Array([4n, BigInt(addressOf(code))]);
  syscall('give up new privileges', 'prctl', 38, 1, 0, 0, 0);
  syscall('install a filter', 'prctl', 22, 2, program, 0, 0);
};
const print = (value) => console.log(JSON.stringify(value));
`;

/**
 * Runs a script in a separate process. It can use everything in {@link PRELUDE}. Returns what it printed with `print`.
 */
export function runScript(body: string, { before = [], env = {} }: Surroundings = {}): unknown {
  const [file = '', ...args] = [
    ...before,
    process.execPath,
    '--input-type=module',
    '-e',
    `${PRELUDE}\n${body}`,
  ];
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`the script ended with ${status}: ${error?.message ?? ''}${stderr}`);
  return JSON.parse(stdout);
}

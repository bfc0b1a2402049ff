/**
 * Runs the tests of the native part with AddressSanitizer and UndefinedBehaviorSanitizer compiled in. It uses a copy of
 * the build, so that the ordinary one stays as it is.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const COPY = 'dist-sanitized';
/** The folders whose tests reach every function of the native part. */
const TESTS = ['sys', 'map', 'program', 'ringbuf', 'perf']
  .map((name) => join(COPY, 'test', name))
  .filter((path) => existsSync(path.replace(COPY, 'dist')));

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): number {
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
}

/** The path of a sanitizer's runtime, which must be in the process before the addon that needs it. */
function runtime(name: string): string {
  const { stdout } = spawnSync(process.env.CC ?? 'cc', [`-print-file-name=${name}`], { encoding: 'utf8' });
  return stdout.trim();
}

rmSync(COPY, { recursive: true, force: true });
cpSync('dist', COPY, { recursive: true });
let status = run(process.execPath, ['dist/tools/build-native.js', '--sanitize']);
if (status === 0) {
  status = run(process.execPath, [`${COPY}/tools/run-tests.js`, ...TESTS], {
    LD_PRELOAD: `${runtime('libasan.so')}:${runtime('libubsan.so')}`,
    // Node frees nothing at exit, and V8 handles some faults itself.
    ASAN_OPTIONS: 'detect_leaks=0:handle_segv=0:allow_user_segv_handler=1:halt_on_error=1',
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
  });
}
process.exit(status);

/**
 * Compiles the native part into dist/native with the machine's C compiler (`CC`, else `cc`). `--sanitize` adds
 * AddressSanitizer and UndefinedBehaviorSanitizer and writes to dist-sanitized/native.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const WARNINGS = ['-Wall', '-Wextra', '-Werror', '-std=gnu11'];
const compiler = process.env.CC ?? 'cc';
const sanitize = process.argv.includes('--sanitize');
const output = join(sanitize ? 'dist-sanitized' : 'dist', 'native');
const optimise = sanitize
  ? [
      '-O1',
      '-g',
      '-fno-omit-frame-pointer',
      '-fsanitize=address,undefined',
      '-fno-sanitize-recover=undefined',
    ]
  : ['-O2'];

function sources(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.c'))
    .sort()
    .map((name) => join(folder, name));
}

function compile(...args: string[]): void {
  const { error, status } = spawnSync(compiler, args, { stdio: 'inherit' });
  if (error !== undefined) {
    console.error(
      `Cannot build the native part: no C compiler "${compiler}" (${error.message})\n` +
        'Install one: "apt-get install gcc libc6-dev" on Debian and Ubuntu, "dnf install gcc glibc-static" on Fedora, "apk add gcc musl-dev linux-headers" on Alpine; or name yours in CC',
    );
    process.exit(1);
  }
  if (status !== 0) process.exit(status ?? 1);
}

if (process.platform !== 'linux') {
  console.log('native part: not built, it is for Linux (the parsers work everywhere)');
  process.exit(0);
}
mkdirSync(output, { recursive: true });
const platform = `linux-${process.arch}`;

// Without a dependency on libc, the same binary loads under glibc and musl. The runtime has already loaded what it
// needs from libc (threads, malloc).
compile(
  ...WARNINGS,
  ...optimise,
  ...(sanitize ? [] : ['-nodefaultlibs', '-nostartfiles']),
  ...['-shared', '-fPIC', '-fvisibility=hidden', '-I', 'node_modules/node-api-headers/include'],
  ...['-o', join(output, `ebpf-ts.${platform}.node`), ...sources('native/addon')],
);
// A separate program: it runs in other mount namespaces, which may have another libc or none.
compile(
  ...WARNINGS,
  '-D_GNU_SOURCE',
  ...optimise,
  ...(sanitize ? [] : ['-static', '-s']),
  ...['-o', join(output, `ebpf-ts-ns.${platform}`), ...sources('native/ns')],
);
console.log(`native part: ${output}/*.${platform}*`);

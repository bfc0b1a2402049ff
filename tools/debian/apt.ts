/** A separate apt for each use, with private lists, caches and package status. The machine's own stay untouched. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mirrorCandidates } from './sources.ts';

const KEYRINGS = ['gpg', 'pgp'].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`);

export interface Apt {
  /** Names of the packages that installing `packages` on an empty system would bring. */
  resolve(packages: readonly string[]): string[];
  /** Downloads exactly these packages into a folder. apt checks signatures and hashes. */
  download(packages: readonly string[], folder: string): void;
}

function keyring(): string {
  const found = KEYRINGS.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(`Cannot check Debian packages: no ${KEYRINGS[0]}: install debian-archive-keyring`);
}

function configuration(folder: string): string {
  // The machine's own settings (proxy, retries) apply. Its hooks must not run for a private apt.
  return [
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    'Dir::Etc::preferences "-";',
    'Dir::Etc::preferencesparts "-";',
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    'APT::Sandbox::User "root";',
    'APT::Install-Recommends "false";',
    'APT::Default-Release "";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'DPkg::Use-Pty "false";',
    ...['APT::Update::Pre-Invoke', 'APT::Update::Post-Invoke', 'APT::Update::Post-Invoke-Success']
      .concat(['DPkg::Pre-Install-Pkgs', 'DPkg::Pre-Invoke', 'DPkg::Post-Invoke'])
      .map((hook) => `#clear ${hook};`),
    '',
  ].join('\n');
}

function tryUpdate(folder: string, suite: string, mirror: string, run: (...args: string[]) => string): void {
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keyring()}] ${mirror} ${suite} main\n`);
  run('apt-get', 'update', '-qq', '--error-on=any');
}

/**
 * Opens a private apt for one Debian suite in an empty folder.
 *
 * @throws Error naming every address tried and what apt said about it
 */
export function openApt(suite: string, folder: string): Apt {
  for (const part of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'apt.conf'), configuration(folder));

  const runIn = (cwd: string, program: string, ...args: string[]): string => {
    const words = ['-c', join(folder, 'apt.conf'), ...args];
    const result = spawnSync(program, words, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (result.error !== undefined) throw new Error(`Cannot run ${program}: this needs a Debian system`);
    if (result.status === 0) return result.stdout;
    const said = `${result.stderr}${result.stdout}`.trim().split('\n').slice(-6).join('; ');
    throw new Error(`Cannot run ${program} ${args.slice(0, 6).join(' ')}: ${said}`);
  };
  const run = (program: string, ...args: string[]): string => runIn(folder, program, ...args);

  const failures: string[] = [];
  for (const mirror of mirrorCandidates()) {
    try {
      tryUpdate(folder, suite, mirror, run);
      failures.length = 0;
      break;
    } catch (error) {
      failures.push(`\n  ${mirror}: ${error instanceof Error ? error.message : String(error)}`);
      rmSync(join(folder, 'state/lists'), { recursive: true });
      mkdirSync(join(folder, 'state/lists/partial'), { recursive: true });
    }
  }
  if (failures.length > 0 || !existsSync(join(folder, 'sources.list'))) {
    throw new Error(
      `Cannot read Debian ${suite}: no apt source of this machine has it:` +
        `${failures.join('') || ' there is none'}\nset EBPF_TS_DEBIAN_MIRROR to a mirror that has it`,
    );
  }

  return {
    resolve: (packages) =>
      run('apt-get', 'install', '-qq', '--print-uris', ...packages)
        .split('\n')
        .map((line) => /^'.*' ([^_ ]+)_\S+\.deb /.exec(line)?.[1])
        .filter((name) => name !== undefined),
    download: (packages, into) => {
      runIn(into, 'apt-get', 'download', '-qq', ...packages);
    },
  };
}

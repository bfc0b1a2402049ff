/**
 * Where this machine gets its Debian packages from: the addresses in apt's own configuration, in both of its formats
 * (sources.list(5)). So the project needs no address of its own.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const APT = '/etc/apt';

/** The addresses of one-line entries: `deb [options] URI suite component...`. */
export function oneLineUris(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)/.exec(line)?.[1])
    .filter((uri) => uri !== undefined);
}

/** The addresses of a deb822 file: every `URIs` field of the stanzas that are enabled. */
export function deb822Uris(text: string): string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .filter((stanza) => !/^enabled:\s*(no|false|off|0)\s*$/im.test(stanza))
    .flatMap((stanza) => /^uris:((?:.*)(?:\n[ \t].*)*)/im.exec(stanza)?.[1]?.split(/\s+/) ?? [])
    .filter((uri) => uri !== '');
}

function configuredUris(): string[] {
  const parts = join(APT, 'sources.list.d');
  const files = [join(APT, 'sources.list')];
  if (existsSync(parts)) files.push(...readdirSync(parts).map((name) => join(parts, name)));
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      if (file.endsWith('.sources')) return deb822Uris(text);
      return file.endsWith('.list') ? oneLineUris(text) : [];
    });
}

/**
 * Archive addresses worth trying for a Debian suite, best first. A configured address may be a frozen snapshot
 * (`.../archive/debian/<time>/`) or a security archive, which do not hold every suite. So the same server's plain
 * `/debian` comes first. `EBPF_TS_DEBIAN_MIRROR` replaces all of them.
 */
export function mirrorCandidates(
  uris: readonly string[] = configuredUris(),
  override: string | undefined = process.env.EBPF_TS_DEBIAN_MIRROR,
): string[] {
  if (override !== undefined && override !== '') return [override];
  const web = uris.filter((uri) => /^https?:\/\//.test(uri)).map((uri) => uri.replace(/\/+$/, ''));
  const plain = web.filter((uri) => uri.endsWith('/debian'));
  const derived = web.filter((uri) => /debian/.test(uri)).map((uri) => `${new URL(uri).origin}/debian`);
  const frozen = web.filter((uri) => /\/archive\/debian\//.test(uri));
  return [...new Set([...plain, ...derived, ...frozen])];
}

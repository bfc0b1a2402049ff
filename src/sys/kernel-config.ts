import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';

let config: ReadonlyMap<string, string> | null | undefined;

function readConfig(): string | undefined {
  try {
    return gunzipSync(readFileSync('/proc/config.gz')).toString('latin1');
  } catch {
    try {
      return readFileSync(`/boot/config-${release()}`, 'latin1');
    } catch {
      return undefined;
    }
  }
}

/**
 * What the running kernel was built with, from /proc/config.gz or /boot.
 *
 * @param name - such as `CONFIG_KPROBES`
 * @returns `y`, `m` or another value; `false` when it is not set; `undefined` when the kernel does not tell
 */
export function kernelBuildOption(name: string): string | false | undefined {
  if (config === undefined) {
    const text = readConfig();
    config =
      text === undefined
        ? null
        : new Map(
            [...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
          );
  }
  return config === null ? undefined : (config.get(name) ?? false);
}

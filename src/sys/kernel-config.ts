import { whyUnreadable } from './kernel-file.ts';

const { release } = process.getBuiltinModule('node:os');
const { readFileSync } = process.getBuiltinModule('node:fs');

let config: ReadonlyMap<string, string> | null | undefined;
/** Why there is no configuration, for each place where it may be. */
const problems: string[] = [];

function readConfig(): string | undefined {
  const places = [
    {
      path: '/proc/config.gz',
      decode: (packed: Buffer) => process.getBuiltinModule('node:zlib').gunzipSync(packed),
    },
    { path: `/boot/config-${release()}`, decode: (bytes: Buffer) => bytes },
  ];
  for (const { path, decode } of places) {
    try {
      return decode(readFileSync(path)).toString('latin1');
    } catch (error) {
      problems.push(whyUnreadable(path, error));
    }
  }
  return undefined;
}

/** Why {@link kernelBuildOption} finds no configuration; `undefined` if it finds one. */
export function kernelConfigProblem(): string | undefined {
  kernelBuildOption('CONFIG_BPF');
  return config === null ? problems.join('; ') : undefined;
}

/**
 * The value of an option that the running kernel was built with, from /proc/config.gz or /boot.
 *
 * @param name - such as `CONFIG_KPROBES`
 * @returns `y`, `m` or another value; `false` if it is not set; `undefined` if no configuration can be read
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

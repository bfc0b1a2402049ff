const { readFileSync } = process.getBuiltinModule('node:fs');

/** What a processor of each level has in addition to those below, by the names in /proc/cpuinfo (x86-64 psABI). */
const LEVELS: readonly (readonly [level: string, features: readonly string[]])[] = [
  ['x86-64-v2', ['cx16', 'lahf_lm', 'popcnt', 'sse4_1', 'sse4_2', 'ssse3']],
  ['x86-64-v3', ['abm', 'avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'movbe', 'xsave']],
  ['x86-64-v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl']],
];

/** The levels that a processor reaches, from the text of /proc/cpuinfo. The highest comes first. */
export function levelsIn(cpuinfo: string): string[] {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' '));
  const missing = LEVELS.findIndex(([, features]) => !features.every((feature) => flags.has(feature)));
  const reached = missing === -1 ? LEVELS : LEVELS.slice(0, missing);
  return reached.map(([level]) => level).reverse();
}

/** The levels of this machine's processor. None if they cannot be read. */
export function processorLevels(): string[] {
  try {
    return levelsIn(readFileSync('/proc/cpuinfo', 'latin1'));
  } catch {
    return [];
  }
}

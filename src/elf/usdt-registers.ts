import { EM_386, EM_AARCH64, EM_X86_64 } from './constants.ts';

/** The register of 64 bits that holds a register of x86; `ah` and the like are a part that stays a name of its own. */
function x86Register(name: string): string | undefined {
  const [, whole] = /^[re]?([abcd]x|[sd]i|[bs]p|(?<=[re])ip)$/.exec(name) ?? [];
  if (whole !== undefined) return `r${whole}`;
  if (/^[abcd]l$/.test(name)) return `r${name[0]}x`;
  if (/^([sd]i|[bs]p)l$/.test(name)) return `r${name.slice(0, 2)}`;
  if (/^[abcd]h$/.test(name)) return name;
  return /^(r(?:[89]|1[0-5]))[dwb]?$/.exec(name)?.[1];
}

/** The register of 64 bits that holds a register of arm64. */
function armRegister(name: string): string | undefined {
  const [, number] = /^[xw]([12]?\d|30)$/.exec(name) ?? [];
  return number === undefined ? /^w?(sp)$/.exec(name)?.[1] : `x${number}`;
}

/** The name of the register of 64 bits that holds this one. Undefined for registers that are unknown, or of floats. */
export function usdtRegister(name: string, machine: number): string | undefined {
  if (machine === EM_X86_64 || machine === EM_386) return x86Register(name);
  return machine === EM_AARCH64 ? armRegister(name) : undefined;
}

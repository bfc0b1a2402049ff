import { Btf } from './btf.ts';

/**
 * The number of a function in the BTF of a program; `undefined` if it has no such function.
 *
 * @param btfId - the id of that BTF, as the program's info says it
 * @throws BpfError `EPERM` without CAP_SYS_ADMIN in the initial user namespace
 */
export function functionIdInBtf(btfId: number, name: string): number | undefined {
  using btf = Btf.fromId(btfId);
  return btf.types().byName(name, 'func')?.id;
}

/** The names of the functions in the BTF of a program, for errors. @throws BpfError */
export function functionNamesInBtf(btfId: number): string[] {
  using btf = Btf.fromId(btfId);
  const names: string[] = [];
  for (const type of btf.types()) if (type.kind === 'func') names.push(type.name);
  return names;
}

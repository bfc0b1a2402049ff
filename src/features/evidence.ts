import type { BtfTypes } from '../btf/index.ts';

/**
 * What a kernel's BTF proves about the kernel.
 *
 * A missing enumerator proves that the kernel does not know the feature. An enumerator that is there proves little,
 * because enums do not depend on the configuration. A function that only the implementation has proves that the feature
 * is compiled in. This needs functions whose address is taken or that other files call, because the compiler may inline
 * others. A missing function proves nothing: it may have another name in this kernel, and functions with ambiguous
 * names are left out of BTF.
 */
export class Evidence {
  readonly types: BtfTypes;

  constructor(types: BtfTypes) {
    this.types = types;
  }

  /** Whether all these functions are there. */
  functions(...names: readonly string[]): boolean {
    return names.every((name) => this.types.byName(name, 'func') !== undefined);
  }

  /** Whether an enum has an enumerator; undefined if there is no such enum. */
  enumerator(enumName: string, name: string): boolean | undefined {
    return this.types.byName(enumName, 'enum')?.values.some((value) => value.name === name);
  }

  struct(name: string): boolean {
    return this.types.byName(name, 'struct') !== undefined;
  }

  /** Whether a struct or union, or an anonymous member of it, has a member; undefined if there is no such type. */
  member(composite: string, member: string): boolean | undefined {
    const found = this.types.byName(composite, 'struct') ?? this.types.byName(composite, 'union');
    return found === undefined ? undefined : this.#hasMember(found.id, member);
  }

  #hasMember(id: number, name: string): boolean {
    const type = this.types.resolve(id);
    if (type.kind !== 'struct' && type.kind !== 'union') return false;
    return type.members.some(
      (member) =>
        member.name === name || (this.types.nameOf(member.type) === '' && this.#hasMember(member.type, name)),
    );
  }
}

/** Where bpffs is mounted by convention. libbpf looks for it there. */
export const DEFAULT_MOUNT = '/sys/fs/bpf';

/** Where to make a token, and what is known about the place. */
export interface Place {
  readonly path: Uint8Array | string;
  /** The path as people read it. */
  readonly mount: string;
  /** The `major:minor` that must be found there, when mountinfo told it. */
  readonly device?: string | undefined;
  /** The options that mountinfo shows. */
  readonly superOptions?: readonly string[] | undefined;
}

/** Whether a mount option delegates something. */
export const isDelegation = (option: string): boolean => option.startsWith('delegate_');

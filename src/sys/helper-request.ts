/** A bpffs mount that the helper makes. */
export interface HelperMount {
  readonly path: string;
  /** Options for fsconfig(2), set with the caller's privileges. */
  readonly options: Readonly<Record<string, string>>;
}

/** What an isolated run has besides its namespaces. */
export interface HelperIsolation {
  /** In this order: folders that are covered by an empty one, and places that are shown below those, read-only. */
  readonly places: readonly { readonly kind: 'cover' | 'view'; readonly path: string }[];
  /** Where the program starts. */
  readonly directory: string;
}

/** What the helper program does before it runs something. The caller makes all decisions. */
export interface HelperRequest {
  readonly mounts: readonly HelperMount[];
  /** The capabilities that the program keeps: effective, permitted, inheritable, ambient and bounding. */
  readonly keep?: bigint | undefined;
  /** For new namespaces: what is written to the `uid_map` and `gid_map` of the process. */
  readonly uidMap?: string | undefined;
  readonly gidMap?: string | undefined;
  /** Gives up setgroups(2) for the namespace, which the kernel demands for an unprivileged gid map. */
  readonly denySetgroups?: boolean | undefined;
  /** Also makes a network namespace, with its loopback device up. */
  readonly net?: boolean | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly argv0?: string | undefined;
  /**
   * Also makes a PID and an IPC namespace. The program gets its own /proc, session and keyring. It can make no further
   * user namespaces and gain no privileges, and above 2 it gets only the descriptors in the caller's `stdio`.
   */
  readonly isolate?: HelperIsolation | undefined;
  /** A process: mounts in its namespaces instead of making new ones, and runs nothing. */
  readonly enter?: number | undefined;
}

/** A bpffs mount that the helper makes. */
export interface HelperMount {
  readonly path: string;
  /** Options for fsconfig(2), set with the caller's privileges. */
  readonly options: Readonly<Record<string, string>>;
}

/** What an isolated run has beside its namespaces. */
export interface HelperIsolation {
  /** In this order: folders that an empty one covers, and what is shown below those, read-only. */
  readonly places: readonly { readonly kind: 'cover' | 'view'; readonly path: string }[];
  /** Where the program starts. */
  readonly directory: string;
}

/** What the helper program does before it runs something; every decision is the caller's. */
export interface HelperRequest {
  readonly mounts: readonly HelperMount[];
  /** Capabilities the program is left with: effective, permitted, inheritable, ambient and bounding. */
  readonly keep?: bigint | undefined;
  /** New namespaces: what is written to the `uid_map` and `gid_map` of the process. */
  readonly uidMap?: string | undefined;
  readonly gidMap?: string | undefined;
  /** Gives setgroups(2) up for the namespace, as an unprivileged gid map demands. */
  readonly denySetgroups?: boolean | undefined;
  /** A network namespace too, with its loopback device up. */
  readonly net?: boolean | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly argv0?: string | undefined;
  /**
   * A PID and an IPC namespace too, a /proc, session and keyring of its own, no further user namespaces, no new
   * privileges, and no descriptors above 2 but those in the caller's `stdio`.
   */
  readonly isolate?: HelperIsolation | undefined;
  /** Instead of new namespaces: mount in those of this process, and run nothing. */
  readonly enter?: number | undefined;
}

import type { ErrnoCode } from './errno.ts';

/**
 * The codes of errors that the library itself finds, and of errors whose class says more than an errno:
 *
 * - `ERR_BPF_AMBIGUOUS_SYMBOL`: several functions in a file have this name
 * - `ERR_BPF_ATTACH_TARGET`: the target that a program should be attached to is unknown or missing
 * - `ERR_BPF_CLOSED`: the object was closed before ({@link ClosedError})
 * - `ERR_BPF_EXTERN`: an extern of an object file cannot be resolved
 * - `ERR_BPF_FORMAT`: input is not what its format demands ({@link FormatError})
 * - `ERR_BPF_HELPER`: the namespace helper did not answer as it should
 * - `ERR_BPF_INDIRECT_SYMBOL`: a function is chosen when the program starts, so it has no fixed place
 * - `ERR_BPF_IN_USE`: something else already reads or writes this
 * - `ERR_BPF_ITERATION_ABORTED`: other writers delete entries faster than a map can be walked
 * - `ERR_BPF_LINK`: parts of an object file do not fit together
 * - `ERR_BPF_LINK_GROUP`: a group of links was asked for what only a single link can do
 * - `ERR_BPF_MAPPING_TOO_LARGE`: the runtime cannot make an ArrayBuffer of this size
 * - `ERR_BPF_MAP_MISMATCH`: a map that was given in place of one in an object file differs from it
 * - `ERR_BPF_NATIVE`: the native part cannot be loaded
 * - `ERR_BPF_NOT_A_FILE`: a path is not a regular file, or the file is too large
 * - `ERR_BPF_NOT_SUPPORTED`: the kernel or operating system cannot do it ({@link NotSupportedError})
 * - `ERR_BPF_NO_DESCRIPTOR`: a socket is not open, or the runtime does not tell its descriptor
 * - `ERR_BPF_NO_LINK`: a program is attached without a link of the kernel
 * - `ERR_BPF_NO_SYMBOL`: a file has no function with this name
 * - `ERR_BPF_NO_SYSFS`, `ERR_BPF_NO_TRACEFS`: the file system that holds the answer is missing or cannot be read
 * - `ERR_BPF_NO_USDT`: a file has no USDT probe with this name
 * - `ERR_BPF_PIN_MISMATCH`: the map pinned at a path differs from the one that is wanted
 * - `ERR_BPF_PROGRAM_TYPE`: a section does not say the type of its program
 * - `ERR_BPF_READ`, `ERR_BPF_WRITE`: a file cannot be read or written, for a reason without an errno
 * - `ERR_BPF_RELOCATION`: an object does not fit this kernel's types ({@link RelocationError})
 * - `ERR_BPF_STRUCT_OPS`: a struct_ops map and its programs do not fit together
 * - `ERR_BPF_TEST_LEAK`, `ERR_BPF_TEST_PROCESS`: a test left something open, or its process did not finish it
 * - `ERR_BPF_TOKEN_READBACK`: the kernel shows other permissions than those that were asked for
 * - `ERR_BPF_TOKEN_UNAVAILABLE`: a mount gives no token
 * - `ERR_BPF_UNKNOWN_FEATURE`: it cannot be found out whether this kernel has a feature
 * - `ERR_BPF_USDT_ARGUMENT`: the program or its object cannot read an argument of a USDT probe
 * - `ERR_BPF_USDT_SPECS`: the map that tells programs where the arguments of USDT probes are is missing, full or unknown
 * - `ERR_BPF_WRONG_OBJECT`: a descriptor or pin stands for something else
 */
export type LibraryErrorCode =
  | 'ERR_BPF_AMBIGUOUS_SYMBOL'
  | 'ERR_BPF_ATTACH_TARGET'
  | 'ERR_BPF_CLOSED'
  | 'ERR_BPF_EXTERN'
  | 'ERR_BPF_FORMAT'
  | 'ERR_BPF_HELPER'
  | 'ERR_BPF_INDIRECT_SYMBOL'
  | 'ERR_BPF_IN_USE'
  | 'ERR_BPF_ITERATION_ABORTED'
  | 'ERR_BPF_LINK'
  | 'ERR_BPF_LINK_GROUP'
  | 'ERR_BPF_MAPPING_TOO_LARGE'
  | 'ERR_BPF_MAP_MISMATCH'
  | 'ERR_BPF_NATIVE'
  | 'ERR_BPF_NOT_A_FILE'
  | 'ERR_BPF_NOT_SUPPORTED'
  | 'ERR_BPF_NO_DESCRIPTOR'
  | 'ERR_BPF_NO_LINK'
  | 'ERR_BPF_NO_SYMBOL'
  | 'ERR_BPF_NO_SYSFS'
  | 'ERR_BPF_NO_TRACEFS'
  | 'ERR_BPF_NO_USDT'
  | 'ERR_BPF_PIN_MISMATCH'
  | 'ERR_BPF_PROGRAM_TYPE'
  | 'ERR_BPF_READ'
  | 'ERR_BPF_RELOCATION'
  | 'ERR_BPF_STRUCT_OPS'
  | 'ERR_BPF_TEST_LEAK'
  | 'ERR_BPF_TEST_PROCESS'
  | 'ERR_BPF_TOKEN_READBACK'
  | 'ERR_BPF_TOKEN_UNAVAILABLE'
  | 'ERR_BPF_UNKNOWN_FEATURE'
  | 'ERR_BPF_USDT_ARGUMENT'
  | 'ERR_BPF_USDT_SPECS'
  | 'ERR_BPF_WRITE'
  | 'ERR_BPF_WRONG_OBJECT';

/** The `code` of a {@link BpfError}: the errno's name if the kernel refused, otherwise a code of this library. */
export type ErrorCode = ErrnoCode | LibraryErrorCode;

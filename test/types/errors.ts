import {
  BpfError,
  ClosedError,
  FormatError,
  NotSupportedError,
  RelocationError,
  TokenError,
  VerifierError,
} from 'ebpf-ts';

/** The `is` of every class narrows to its own fields. */
export function tell(error: unknown): string {
  if (TokenError.is(error)) return `${error.reason} ${error.missing?.map(({ name }) => name)}`;
  if (VerifierError.is(error)) return `${error.lastLine}\n${error.log}`;
  if (NotSupportedError.is(error)) return error.feature;
  if (FormatError.is(error)) return `${error.file} ${error.section} ${error.offset}`;
  if (RelocationError.is(error)) return `${error.path} ${error.candidates}`;
  if (ClosedError.is(error)) return error.message;
  if (BpfError.is(error)) {
    // @ts-expect-error: only errors of the verifier have its log
    error.log;
    return `${error.code} ${error.errno} ${error.command} ${error.syscall} ${error.cause}`;
  }
  return String(error);
}

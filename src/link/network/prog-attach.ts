import { type AttachType, attachTypes, type NumberText, numberOf } from '../../abi/index.ts';
import { BpfError, OURS } from '../../errors/index.ts';
import { type Fd, progAttach, progDetach } from '../../sys/index.ts';
import { Attachment } from '../attachment.ts';
import { type Attempt, programText, purposeOf } from '../problems.ts';

/** Another program has replaced this one, or the place is gone. */
const GONE: readonly string[] = ['ENOENT', 'ENODEV'];

/** What an attachment to this place is called. */
export function attachmentText({ program, target }: Attempt): string {
  return `attachment of ${programText(program)} to ${target}`;
}

/**
 * Attaches with BPF_PROG_ATTACH, which makes no link. To detach exactly this program, its descriptor and that of the
 * place are needed, so both stay open.
 *
 * @param place - what to attach to. The attachment owns it. If the kernel refuses, it is closed
 * @throws BpfError
 */
export function attachWithoutLink(attempt: Attempt, place: Fd, type: AttachType | NumberText): Attachment {
  let own: Fd | undefined;
  try {
    const program = attempt.program.fd.duplicate();
    own = program;
    const attach_type = numberOf(attachTypes, type);
    progAttach({ target_fd: place.value, attach_bpf_fd: program.value, attach_type }, purposeOf(attempt));
    const action = `detach ${programText(attempt.program)} from ${attempt.target}`;
    const undo = (): void => {
      try {
        progDetach({ target_fd: place.value, attach_bpf_fd: program.value, attach_type }, { action });
      } catch (error) {
        if (!BpfError.is(error) || !GONE.includes(error.code)) throw error;
      } finally {
        program.close();
      }
    };
    return new Attachment(OURS, place, undo);
  } catch (error) {
    own?.close();
    place.close();
    throw error;
  }
}

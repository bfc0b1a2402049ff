import { rejectUnknownOptions, wrongType } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { Fd, openDevice } from '../../sys/index.ts';
import type { Attachment } from '../attachment.ts';
import { checkType, openPlace, purposeOf } from '../problems.ts';
import { attachmentText, attachWithoutLink } from './prog-attach.ts';

/** Where {@link attachLirc} attaches. */
export interface LircOptions {
  /** The infrared receiver: its path, such as `/dev/lirc0`, or a descriptor for it that may read and write. */
  readonly device: string | Fd | number;
}

/**
 * Attaches a `lirc_mode2` program to an infrared receiver. The program sees each pulse and space, and reports keys. A
 * device can have up to 64 programs.
 *
 * There is no kernel link for this: the program is detached when the attachment is closed or forgotten (see
 * {@link Link.keep}). Needs the right to open the device for reading and writing, no capability, and can be used under
 * a BPF token. Linux >= 4.18, built with CONFIG_BPF_LIRC_MODE2
 *
 * @throws BpfError `ENOENT`, `EACCES` and similar if the device cannot be opened; `EINVAL` if it is not an infrared
 *   receiver, or the kernel cannot do this; `EEXIST` if this program is attached there, `E2BIG` if 64 are
 * @throws TypeError for wrong options, and for programs of another type
 */
export function attachLirc(program: Program, options: LircOptions): Attachment {
  rejectUnknownOptions('attachLirc', options, ['device']);
  checkType('attachLirc', program, ['lirc_mode2'], options);
  const { device } = options;
  const attempt = {
    program,
    target: typeof device === 'string' ? `infrared receiver ${device}` : 'an infrared receiver',
    explain: {
      EINVAL: 'it is not an infrared receiver, or the kernel was built without CONFIG_BPF_LIRC_MODE2',
      EPERM: 'the descriptor does not permit writing: open the device for reading and writing',
      EEXIST: 'this program is already attached there',
      E2BIG: '64 programs are attached there already, and no more are possible',
      ENODEV: 'the device is gone',
    },
  };
  const what = attachmentText(attempt);
  if (typeof device === 'string') {
    const opened = openPlace(attempt, openDevice(device, what), () => 'the device cannot be opened');
    return attachWithoutLink(attempt, opened, 'lirc_mode2');
  }
  if (!(device instanceof Fd) && typeof device !== 'number') {
    throw wrongType('attachLirc: device', 'a path, an Fd or the number of a descriptor', device);
  }
  const number = typeof device === 'number' ? device : device.value;
  return attachWithoutLink(attempt, Fd.duplicateOf(number, purposeOf(attempt), what), 'lirc_mode2');
}

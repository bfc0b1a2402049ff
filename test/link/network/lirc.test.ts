import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachTypes, commands } from '../../../src/abi/index.ts';
import { attachLirc } from '../../../src/link/index.ts';
import type { Program } from '../../../src/program/index.ts';
import {
  type NativeBinding,
  native,
  openDescriptors,
  openFile,
  withBinding,
} from '../../../src/sys/index.ts';
import { counter, needsRoot } from '../support.ts';

// No kernel of the tests has infrared receivers, or programs for them. So these are the calls and the refusals.

/** Another program that says that it is of this type. */
function likeLirc({ program }: { readonly program: Program }): Program {
  return { fd: program.fd, type: 'lirc_mode2', name: 'it' } as unknown as Program;
}

test('what is not an infrared receiver is refused', needsRoot(), () => {
  using other = counter('socket_filter');
  const program = likeLirc(other);
  const before = openDescriptors().length;
  assert.throws(() => attachLirc(program, { device: '/dev/lirc99' }), {
    code: 'ENOENT',
    syscall: 'openat',
    message:
      'Cannot attach program "it" (lirc_mode2) to infrared receiver /dev/lirc99: ENOENT: the device cannot be opened',
  });
  const refused = {
    code: 'EINVAL',
    command: 'prog_attach',
    message:
      /: EINVAL: it is not an infrared receiver, or the kernel was built without CONFIG_BPF_LIRC_MODE2$/,
  };
  assert.throws(() => attachLirc(program, { device: '/dev/null' }), refused);
  const file = openFile('/dev/null', 'file');
  assert.ok(typeof file !== 'number');
  assert.throws(() => attachLirc(program, { device: file }), refused);
  assert.throws(() => attachLirc(program, { device: file.value }), refused);
  file.close();
  assert.throws(() => attachLirc(program, { device: 1_000_000 }), { code: 'EBADF' });
  assert.equal(openDescriptors().length, before);
});

test('the program is attached to the device, and detached from it', needsRoot(), () => {
  using other = counter('socket_filter');
  const sent: number[][] = [];
  const real = native();
  const recording: NativeBinding = {
    ...real,
    bpf: (command, attr) => {
      const { buffer, byteOffset } = attr as Uint8Array;
      sent.push([command, ...new Uint32Array(buffer as ArrayBuffer, byteOffset, 4)]);
      return 0;
    },
  };
  withBinding(recording, () => {
    const attachment = attachLirc(likeLirc(other), { device: '/dev/null' });
    const device = attachment.fd.value;
    attachment.close();
    const [attach, detach] = sent;
    const type = attachTypes.number('lirc_mode2');
    assert.deepEqual(attach, [commands.number('prog_attach'), device, attach?.[2], type, 0]);
    assert.deepEqual(detach, [commands.number('prog_detach'), device, attach?.[2], type, 0]);
  });
});

test('wrong options are refused', needsRoot(), () => {
  using other = counter('socket_filter', { name: 'it' });
  assert.throws(() => attachLirc(other.program, { device: '/dev/lirc0' }), {
    name: 'TypeError',
    message: 'attachLirc: program "it" (socket_filter) is not of type lirc_mode2',
  });
  for (const [device, message] of [
    [undefined, 'attachLirc: device must be a path, an Fd or the number of a descriptor, got undefined'],
    [{}, 'attachLirc: device must be a path or an open descriptor, got an object'],
    ['', 'attachLirc: device must be a path, got ""'],
  ] as const) {
    assert.throws(() => attachLirc(likeLirc(other), { device: device as never }), {
      name: 'TypeError',
      message,
    });
  }
});

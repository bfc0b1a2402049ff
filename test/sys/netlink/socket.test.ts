import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter, HOST_LITTLE_ENDIAN } from '../../../src/bytes/index.ts';
import { interfaceIndex, openDescriptors } from '../../../src/sys/index.ts';
import { AttributeWriter, FLAGS, ROUTE, RouteSocket } from '../../../src/sys/netlink/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';

const ASK = { action: 'ask' };

/** `struct ifinfomsg` and attributes. */
function link(index: number, attributes = new AttributeWriter()): Uint8Array {
  return new ByteWriter({ littleEndian: HOST_LITTLE_ENDIAN })
    .zeros(4)
    .u32(index)
    .zeros(8)
    .bytes(attributes.toBytes())
    .toBytes();
}

const GETLINK = 18;
const IFNAME = 3;

test('a request is answered, also several times and for many objects', () => {
  const before = openDescriptors().length;
  {
    using socket = new RouteSocket('questions');
    assert.equal(socket.fd.what, 'questions');
    const lo = interfaceIndex('lo');
    for (let i = 0; i < 3; i++) {
      const found = socket.request({ type: GETLINK, flags: 0, payload: link(lo) }, ASK);
      assert.deepEqual(
        found.map(({ type }) => type),
        [ROUTE.newlink],
      );
      assert.equal(found[0]?.payload.seek(4).u32(), lo);
    }
    const all = socket.dump({ type: GETLINK, payload: link(0) }, ASK);
    assert.ok(all.some(({ payload }) => payload.seek(4).u32() === lo));
  }
  assert.equal(openDescriptors().length, before);
});

test('a refusal has the action, the errno and what the kernel says', () => {
  using socket = new RouteSocket();
  assert.throws(
    () =>
      socket.request(
        { type: GETLINK, flags: 0, payload: link(0x7fff_ffff) },
        {
          action: 'find the interface',
          explain: ({ code }) => (code === 'ENODEV' ? 'there is none' : undefined),
        },
      ),
    {
      code: 'ENODEV',
      syscall: 'sendto',
      message: /^Cannot find the interface: ENODEV: (the kernel says ".+": )?there is none$/,
    },
  );
  // The socket can still be used.
  assert.equal(
    socket.request({ type: GETLINK, flags: 0, payload: link(interfaceIndex('lo')) }, ASK).length,
    1,
  );
  socket.close();
  assert.throws(() => socket.request({ type: GETLINK, flags: 0, payload: link(1) }, ASK), {
    code: 'ERR_BPF_CLOSED',
  });
});

test('dumps of more than one answer', async (t) => {
  await runWithToken(
    t,
    'are read to their end',
    'any',
    () => {
      using socket = new RouteSocket();
      const count = 60;
      for (let i = 0; i < count; i++) {
        const attributes = new AttributeWriter()
          .text(IFNAME, `many${i}`)
          .nested(18, (info) => info.text(1, 'veth'));
        socket.request(
          { type: ROUTE.newlink, flags: FLAGS.create | FLAGS.excl, payload: link(0, attributes) },
          { action: 'make an interface' },
        );
      }
      const found = socket.dump({ type: GETLINK, payload: link(0) }, ASK);
      assert.ok(found.length >= 2 * count, `${found.length}`);
    },
    { net: true, capabilities: ['net_admin'] },
  );
});

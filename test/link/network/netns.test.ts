import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { attachFlowDissector, attachSkLookup } from '../../../src/link/index.ts';
import { openDescriptors, openFile } from '../../../src/sys/index.ts';
import { counter, needsRoot } from '../support.ts';
import { closed, nextMessage, otherNamespace, sendTo, udpSocket } from './socket-support.ts';

test(
  'a program can be attached to another network namespace, by path or descriptor',
  needsRoot(),
  async () => {
    const other = await otherNamespace();
    const namespace = other.path;
    const before = openDescriptors().length;
    {
      using lookup = counter('sk_lookup', { attachType: 'sk_lookup', result: 1 });
      using dissector = counter('flow_dissector', { attachType: 'flow_dissector' });
      using link = attachSkLookup(lookup.program, { namespace });
      const info = link.info();
      assert.equal(info.type === 'netns' && info.netnsInode, statSync(namespace).ino);
      // Not here.
      const socket = await udpSocket();
      await sendTo(socket.address().port, 'hello');
      await closed(socket);
      assert.equal(lookup.count(), 0);

      const opened = openFile(namespace, 'namespace');
      assert.ok(typeof opened !== 'number');
      using _dissector = attachFlowDissector(dissector.program, { namespace: opened });
      opened.close();
      assert.throws(() => attachFlowDissector(dissector.program, { namespace }), { code: 'E2BIG' });
      // But there.
      const inside = await other.inside(() => udpSocket());
      const message = nextMessage(inside);
      await new Promise<void>((resolve, reject) => {
        inside.send('hello', inside.address().port, '127.0.0.1', (error) =>
          error === null ? resolve() : reject(error),
        );
      });
      assert.equal(await message, 'hello');
      assert.equal(lookup.count(), 1);
      await closed(inside);
    }
    assert.equal(openDescriptors().length, before);
    await other.close();
  },
);

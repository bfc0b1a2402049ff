// depends on: newest kernel
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { runWithToken } from '../../src/testing/index.ts';
import { runExample } from './run-example.ts';

const ENVIRONMENT = { net: true, capabilities: ['net_admin'] } as const;
const INTERVAL = '20';

async function send(socket: Socket, port: number, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await new Promise<void>((resolve, reject) => {
      socket.send('hello', port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  }
}

/** Sends datagrams over the loopback device, to a socket that receives them. */
async function sendDatagrams(count: number): Promise<void> {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sender = createSocket('udp4');
  await send(sender, receiver.address().port, count);
  sender.close();
  receiver.close();
}

test('examples on a network interface', async (t) => {
  await runWithToken(
    t,
    'xdp-count counts packets by protocol',
    'any',
    async () => {
      const example = runExample('xdp-count', ['lo', INTERVAL]);
      await example.started('counting on lo');
      await sendDatagrams(7);
      // Each packet has 14 bytes of Ethernet, 20 of IP, 8 of UDP, and "hello".
      const line = await example.line((text) => /^udp +7 packets/.test(text));
      assert.equal(line, `${'udp'.padEnd(12)} 7 packets ${7 * 47} bytes`);
      const { status, errors } = await example.stop();
      assert.deepEqual([errors, status], ['', 0]);
    },
    ENVIRONMENT,
  );

  await runWithToken(
    t,
    'tcx-rate measures both directions',
    'any',
    async () => {
      const example = runExample('tcx-rate', ['lo', INTERVAL]);
      await example.started('measuring lo');
      await sendDatagrams(5);
      const line = await example.line((text) => /\(5 packets\), sent .* \(5 packets\)$/.test(text));
      const { status, errors } = await example.stop();
      assert.deepEqual([errors, status], ['', 0]);
      assert.match(line ?? '', /^received \d+ packets\/s \d+ bytes\/s \(5 packets\), sent \d+ packets\/s/);
    },
    ENVIRONMENT,
  );
});

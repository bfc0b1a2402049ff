/**
 * What every runtime must be able to do with the package, as a plain program: the test runners differ.
 * Prints a line `ok NAME` or `not ok NAME` for each check.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import process from 'node:process';
import { getCapabilities, Poller, pidfdOpen, readCapabilities } from '../../src/sys/index.ts';

const checks: Readonly<Record<string, () => void | Promise<void>>> = {
  'the native part loads and answers': () => {
    assert.equal(getCapabilities().effective, readCapabilities('self').effective);
  },

  'waiting for a descriptor leaves the event loop free': async () => {
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise((resolve) => child.once('spawn', resolve));
    assert.ok(child.pid);
    using poller = new Poller();
    using process = pidfdOpen(child.pid);
    const ended = poller.wait(process);
    setImmediate(() => child.stdin.end());
    assert.equal(await ended, true);
  },
};

let failed = false;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    failed = true;
    console.log(`not ok ${name}`);
    console.log(error);
  }
}
console.log(`checks: ${Object.keys(checks).length}`);
process.exitCode = failed ? 1 : 0;

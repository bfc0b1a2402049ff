import type { Readable } from 'node:stream';
import type { Frame } from '../child/state.ts';

/**
 * Reads the frames that a child sends. Ends with the stream. A frame that is cut off when the child ends is dropped.
 */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame, void> {
  let bytes: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of stream) {
      bytes = bytes.length === 0 ? (chunk as Buffer) : Buffer.concat([bytes, chunk as Buffer]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
        const end = 4 + bytes.readUInt32LE(0);
        yield process.getBuiltinModule('node:v8').deserialize(bytes.subarray(4, end)) as Frame;
        bytes = bytes.subarray(end);
      }
    }
  } catch {
    // A connection that was reset: the exit status says how the child ended.
  }
}

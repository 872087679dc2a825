/** A stretch of the stream, with the point of the frame at which it begins; `stage` is null in between. */
export interface FramePiece {
  readonly stage: 'begin' | 'half' | 'end' | null;
  readonly header: Readonly<Record<string, unknown>> | null;
  readonly bytes: Uint8Array;
}

const PREFIX_BYTES = 20;
/** A payload that follows its header; others lie in memory that worker and server share. */
const IN_LINE = 0;

/**
 * Cuts a stream into frames (20 bytes of prefix, JSON, payload) without holding payloads back: `begin` carries prefix and
 * header, `half` comes when half of the payload has gone by, `end` when all of it has. Of a payload in shared memory
 * only the header comes by, which says that it is there: `begin` and `half` are before it.
 */
export async function* cutFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<FramePiece> {
  let head = Buffer.alloc(0);
  let header: FramePiece['header'] = null;
  let payloadLeft = 0;
  let untilHalf = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    while (rest.length > 0) {
      if (payloadLeft > 0) {
        const count = Math.min(rest.length, untilHalf > 0 ? untilHalf : payloadLeft);
        const wasBeforeHalf = untilHalf > 0;
        untilHalf = Math.max(0, untilHalf - count);
        payloadLeft -= count;
        yield { stage: null, header, bytes: rest.subarray(0, count) };
        if (wasBeforeHalf && untilHalf === 0) yield { stage: 'half', header, bytes: rest.subarray(0, 0) };
        if (payloadLeft === 0) yield { stage: 'end', header, bytes: rest.subarray(0, 0) };
        rest = rest.subarray(count);
        continue;
      }
      head = Buffer.concat([head, rest]);
      rest = Buffer.alloc(0);
      const whole = head.length < PREFIX_BYTES ? Infinity : PREFIX_BYTES + head.readUInt32LE(8);
      if (head.length < whole) continue;
      header = parseHeader(head.subarray(PREFIX_BYTES, whole));
      const isInLine = head.readUInt16LE(6) === IN_LINE;
      payloadLeft = isInLine ? head.readUInt32LE(12) : 0;
      untilHalf = Math.ceil(payloadLeft / 2);
      rest = head.subarray(whole);
      if (!isInLine) for (const stage of ['begin', 'half'] as const) yield { stage, header, bytes: Buffer.alloc(0) };
      yield { stage: isInLine ? 'begin' : null, header, bytes: head.subarray(0, whole) };
      if (payloadLeft === 0) yield { stage: 'end', header, bytes: rest.subarray(0, 0) };
      head = Buffer.alloc(0);
    }
  }
}

function parseHeader(bytes: Buffer): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(bytes.toString());
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

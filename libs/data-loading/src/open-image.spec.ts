import { describe, expect, it } from '@jest/globals';
import { inspectBytes, parseImageHeader } from '#dataset';
import { makeDecoder } from './decoders/make-decoder.js';
import { oddImages } from './decoders/testing/odd-images.js';
import { openImage } from './open-image.js';

describe('openImage', () => {
  it('refuses an image that is turned otherwise than the index says, where turns are obeyed', async () => {
    const decoder = await makeDecoder('portable');
    const image = (await oddImages()).find(({ name }) => name === 'orientation-6.jpg');
    const bytes = image?.bytes ?? new Uint8Array();
    const opened = (expected: number, orientation: 'upright' | 'as-stored'): unknown =>
      openImage(bytes, { encoding: { kind: 'file' }, decoder, orientation, expected });
    expect(() => opened(1, 'upright')).toThrow('changed since the index was made: orientation 6, was 1');
    for (const known of [0, 6]) expect(() => opened(known, 'upright')).not.toThrow();
    expect(() => opened(1, 'as-stored')).not.toThrow();
  });

  it('sees the orientation that the inspection sees', async () => {
    for (const { name, bytes } of await oddImages()) {
      const [inspected, parsed] = [inspectBytes(bytes), parseImageHeader(bytes)];
      if (inspected.kind === 'fault' || parsed.kind !== 'header') continue;
      expect([name, parsed.header.orientation]).toEqual([name, inspected.header.orientation]);
    }
  });
});

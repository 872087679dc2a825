import { describe, expect, it } from '@jest/globals';
import { loadBinding } from '#tensorflow-runtime';
import { parseImageHeader } from '#dataset';
import { decoderConformance } from './decoder-conformance.js';
import { portableDecoder } from './portable-decoder.js';
import { tensorflowDecoder } from './tensorflow-decoder.js';
import { oddImages } from './testing/odd-images.js';

function hasTensorFlow(): boolean {
  try {
    loadBinding();
    return true;
  } catch {
    return false;
  }
}

if (hasTensorFlow()) {
  decoderConformance('the TensorFlow decoder', () => Promise.resolve(tensorflowDecoder()));

  describe('the TensorFlow decoder', () => {
    it('gives the bytes that the portable one gives, of whatever file', async () => {
      const differing: string[] = [];
      for (const { name, bytes, isReadable } of await oddImages()) {
        if (!isReadable) continue;
        const parsed = parseImageHeader(bytes);
        if (parsed.kind !== 'header') throw new Error(`${name}: ${parsed.kind}`);
        const image = { bytes, header: parsed.header };
        const both = [
          await tensorflowDecoder().decodeWhole(image),
          await portableDecoder().decodeWhole(image),
        ] as const;
        if (Buffer.compare(...both) !== 0) differing.push(name);
      }
      expect(differing).toEqual([]);
    });

    it('keeps no tensor, whether an image can be decoded or not', () => {
      const decoder = tensorflowDecoder();
      const before = loadBinding().getNumOfTensors();
      const kind = { format: 'jpeg', numComponents: 3, dataOffset: 0, orientation: 1, hasProfile: false } as const;
      const header = { ...kind, width: 8, height: 8 };
      const window = { x: 0, y: 0, width: 8, height: 8 };
      expect(() => decoder.decodeWindow({ bytes: new Uint8Array(100), header }, window, 8)).toThrow(/cannot decode/);
      expect(loadBinding().getNumOfTensors()).toBe(before);
    });
  });
} else {
  it.skip('the TensorFlow decoder (skipped: no TensorFlow library is provisioned)', () => undefined);
}

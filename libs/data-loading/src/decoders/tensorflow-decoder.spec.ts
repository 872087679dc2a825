import { describe, expect, it } from '@jest/globals';
import { loadBinding } from '#tensorflow-runtime';
import { decoderConformance } from './testing/decoder-conformance.js';
import { tensorflowDecoder } from './tensorflow-decoder.js';

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
    it('keeps no tensor, whether an image can be decoded or not', () => {
      const decoder = tensorflowDecoder();
      const before = loadBinding().getNumOfTensors();
      const kind = { format: 'jpeg', numComponents: 3, isCmyk: false, orientation: 1, hasProfile: false } as const;
      const header = { ...kind, width: 8, height: 8, end: { kind: 'mark', after: 0 } } as const;
      const window = { x: 0, y: 0, width: 8, height: 8 };
      expect(() => decoder.decodeWindow({ bytes: new Uint8Array(100), header }, window)).toThrow(/cannot decode/);
      expect(loadBinding().getNumOfTensors()).toBe(before);
    });
  });
} else {
  it.skip('the TensorFlow decoder (skipped: no TensorFlow library is provisioned)', () => undefined);
}

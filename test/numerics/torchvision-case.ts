/** What torchvision_check.py is asked: images and what we say to them. */
interface TorchvisionCase {
  readonly pixels: Uint8Array;
  readonly shape: readonly number[];
  readonly logits: Float32Array;
  readonly numClasses: number;
}

/** A safetensors file of `pixels` (U8) and `logits` (F32), which comes first so that it is aligned. */
export function encodeCase({ pixels, shape, logits, numClasses }: TorchvisionCase): Uint8Array {
  const logitsBytes = new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength);
  const header = Buffer.from(
    JSON.stringify({
      logits: {
        dtype: 'F32',
        shape: [logits.length / numClasses, numClasses],
        data_offsets: [0, logitsBytes.length],
      },
      pixels: { dtype: 'U8', shape, data_offsets: [logitsBytes.length, logitsBytes.length + pixels.length] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, logitsBytes, pixels]);
}

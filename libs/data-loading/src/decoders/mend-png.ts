import { crc32 } from 'node:zlib';

const SIGNATURE_BYTES = 8;

/** A copy of a PNG whose picture data has right checksums; null where they are right already. */
export function withRightChecksums(bytes: Uint8Array): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let mended: DataView | null = null;
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    const checksum = crc32(bytes.subarray(at + 4, end));
    if (view.getUint32(at + 4) === 0x49444154 && view.getUint32(end) !== checksum) {
      mended ??= new DataView(bytes.slice().buffer);
      mended.setUint32(end, checksum);
    }
    at = end + 4;
  }
  return mended && new Uint8Array(mended.buffer);
}

/** Mends files that Pillow and libjpeg read and TensorFlow's operations refuse or see otherwise. */
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

/** An APP14 segment of Adobe's: version 100, no flags, no transform. */
const ADOBE = Uint8Array.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]);

/**
 * A JPEG of four components whose colours are read as Adobe stores them, inverted, whether or not it says so: Pillow and
 * libvips always do. A segment of the file's own comes later and is what counts.
 */
export function asAdobe(jpeg: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), ADOBE, jpeg.subarray(2)]));
}

/** An APP14 segment of Adobe's: version 100, no flags, no transform. */
const ADOBE = Uint8Array.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]);

/**
 * A JPEG of four components whose colours are read as Adobe stores them, inverted, whether or not it says so: Pillow and
 * libvips always do. A segment of the file's own comes later and is what counts.
 */
export function asAdobe(jpeg: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), ADOBE, jpeg.subarray(2)]));
}

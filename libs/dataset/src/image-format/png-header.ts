import { crc32 } from 'node:zlib';
import { exifOrientation } from './exif-orientation.js';
import type { HeaderParse } from './header-parse.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, then the IHDR chunk: length, type, 13 bytes, CRC. */
const HEADER_BYTES = 33;
/** Components by colour type: grey, -, RGB, palette, grey + alpha, -, RGBA. */
const COMPONENTS: readonly number[] = [1, 0, 3, 3, 2, 0, 4];
const MAX_SIDE = 65_500;
/** Length, type and CRC around the content of a chunk. */
const CHUNK_BYTES = 12;

/**
 * Reads the IHDR chunk (PNG specification, section 11.2.1), which must come first, and walks the chunks before the picture
 * data: orientation (eXIf) and colour profile (iCCP). Their checksums must be right, as for Pillow; those of the picture data
 * are nobody's concern. An eXIf chunk behind the picture data is not looked for.
 */
export function parsePngHeader(bytes: Uint8Array): HeaderParse {
  if (bytes.length < HEADER_BYTES) return { kind: 'incomplete', needBytes: HEADER_BYTES };
  if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) return fault('its signature is altered');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isIhdr = view.getUint32(8) === 13 && view.getUint32(12) === 0x49484452;
  if (!isIhdr) return fault('no IHDR chunk');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const numComponents = COMPONENTS[view.getUint8(25)] ?? 0;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return fault(`a size of ${width}x${height}`);
  if (numComponents === 0) return fault(`colour type ${view.getUint8(25)}`);
  let [orientation, hasProfile] = [1, false];
  for (let at = SIGNATURE.length; ;) {
    if (at + 8 > bytes.length) return { kind: 'incomplete', needBytes: at + 8 };
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'IDAT') {
      const end = { kind: 'mark', after: at } as const;
      const shape = { format: 'png', width, height, numComponents, isCmyk: false } as const;
      return { kind: 'header', header: { ...shape, end, orientation, hasProfile } };
    }
    if (type === 'IEND') return fault('it ends before any picture data');
    const end = at + CHUNK_BYTES + view.getUint32(at);
    if (end > bytes.length) return { kind: 'incomplete', needBytes: end };
    const isSound = crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
    if (!isSound) return fault(`the checksum of its ${type} chunk is wrong`);
    if (type === 'eXIf') orientation = exifOrientation(bytes.subarray(at + 8, end - 4));
    hasProfile ||= type === 'iCCP';
    at = end;
  }
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged PNG: ${reason}` };
}

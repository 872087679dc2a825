import type { HeaderParse } from './header-parse.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, then the IHDR chunk: length, type, 13 bytes, CRC. */
const HEADER_BYTES = 33;
/** Components by colour type: grey, -, RGB, palette, grey + alpha, -, RGBA. */
const COMPONENTS: readonly number[] = [1, 0, 3, 3, 2, 0, 4];
const MAX_SIDE = 65_500;

/** Reads the IHDR chunk (PNG specification, section 11.2.1), which must come first. */
export function parsePngHeader(bytes: Uint8Array): HeaderParse {
  if (bytes.length < HEADER_BYTES) return { kind: 'incomplete', needBytes: HEADER_BYTES };
  if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) return fault('its signature is altered');
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const isIhdr = view.getUint32(8) === 13 && view.getUint32(12) === 0x49484452;
  if (!isIhdr) return fault('no IHDR chunk');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const numComponents = COMPONENTS[view.getUint8(25)] ?? 0;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return fault(`a size of ${width}x${height}`);
  if (numComponents === 0) return fault(`colour type ${view.getUint8(25)}`);
  return { kind: 'header', header: { format: 'png', width, height, numComponents, dataOffset: HEADER_BYTES } };
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged PNG: ${reason}` };
}

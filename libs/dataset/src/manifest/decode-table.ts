/** A text that is in none of the encodings that tables are written in. */
export class TextFault extends Error {
  override readonly name = 'TextFault';
}

/** UTF-8 with or without a byte order mark, and UTF-16 with one, as spreadsheets write it. Throws TextFault. */
export function decodeTable(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TextFault(`is not ${encoding.toUpperCase()}; save it as CSV UTF-8`, { cause: error });
  }
}

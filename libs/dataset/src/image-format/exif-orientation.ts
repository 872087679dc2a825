const ORIENTATION_TAG = 0x0112;
const [BYTE, SHORT, LONG] = [1, 3, 4];
const ENTRY_BYTES = 12;

/**
 * The orientation (1 to 8) that a TIFF block says, which EXIF is (EXIF 2.32, 4.5.2): tag 0x0112 of its first directory. 1, as
 * stored, where it says none, another number, or is damaged.
 */
export function exifOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  if (view.byteLength < 8) return 1;
  const order = view.getUint16(0);
  const isLittle = order === 0x4949;
  if (!isLittle && order !== 0x4d4d) return 1;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > view.byteLength) return 1;
  const numEntries = view.getUint16(directory, isLittle);
  for (let entry = 0; entry < numEntries; entry += 1) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > view.byteLength) return 1;
    if (view.getUint16(at, isLittle) !== ORIENTATION_TAG) continue;
    const orientation = valueOf(view, at, isLittle);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

function valueOf(view: DataView, at: number, isLittle: boolean): number {
  switch (view.getUint16(at + 2, isLittle)) {
    case BYTE:
      return view.getUint8(at + 8);
    case SHORT:
      return view.getUint16(at + 8, isLittle);
    case LONG:
      return view.getUint32(at + 8, isLittle);
    default:
      return 1;
  }
}

import type { Region, Size, Window } from '../pixel-image.js';
import { EagerOperations, type EagerTensor } from './eager-operations.js';
import type { EncodedImage, ImageDecoder } from './image-decoder.js';
import { asAdobe, withRightChecksums } from './mend-file.js';

/**
 * Decodes with TensorFlow's own operations: DecodeAndCropJpeg (only the lines of the window; fancy upsampling, the
 * accurate integer DCT, CMYK and YCCK to RGB) and DecodePng (palette, 16 bits and alpha to RGB).
 *
 * Other formats go by the portable decoder.
 *
 * Cost of a window of 300x300 pixels at quality 90: 0.5 ms of one core, and some 0.1 ms to read it.
 * Synchronous for JPEG and PNG: it belongs in a data thread.
 */
export function tensorflowDecoder(): ImageDecoder {
  const operations = new EagerOperations();
  const decodeHere = ({ bytes, header }: EncodedImage, window: Window): Region =>
    operations.scoped(() => {
      try {
        return header.format === 'jpeg'
          ? decodeJpeg(operations, { bytes, header }, window)
          : { ...window, pixels: decodePng(operations, bytes, window) };
      } catch (error) {
        // The binding's text is "Invalid TF_Status: 3", then "Message: " and TensorFlow's own words.
        const lines = String(error).split('\n');
        const line = lines.find((each) => each.startsWith('Message: ')) ?? lines[0] ?? '';
        throw new Error(`TensorFlow cannot decode it: ${line.replace('Message: ', '')}`, { cause: error });
      }
    });
  warmUp(decodeHere);
  const decodeWindow = (image: EncodedImage, window: Window): Promise<Region> | Region => {
    const { format } = image.header;
    return format === 'jpeg' || format === 'png' ? decodeHere(image, window) : decodeOther(image, window);
  };
  return { kind: 'tensorflow', decodeWindow };
}

/** What TensorFlow has no operation for, or one that reads less; loaded when the first such image comes. */
async function decodeOther(image: EncodedImage, window: Window): Promise<Region> {
  const { portableDecoder } = await import('./portable-decoder.js');
  return portableDecoder().decodeWindow(image, window);
}

function decodeJpeg(operations: EagerOperations, { bytes, header }: EncodedImage, window: Window): Region {
  const { x, y, width, height } = withNeighbours(window, header);
  const attributes = [
    operations.int('channels', 3),
    operations.int('ratio', 1),
    operations.bool('fancy_upscaling', true),
    operations.bool('try_recover_truncated', false),
    operations.string('dct_method', 'INTEGER_ACCURATE'),
  ];
  const contents = operations.bytes(header.isCmyk ? asAdobe(bytes) : bytes);
  const decoded = operations.run('DecodeAndCropJpeg', attributes, contents, operations.ints(y, x, height, width));
  return { x, y, width, height, pixels: readBytes(operations, decoded) };
}

/**
 * The window and the pixels next to it: fancy upsampling mixes neighbours, and takes the edge of what is decoded for the edge
 * of the image. Columns that are not needed make the number of bytes one that is read fastest.
 */
function withNeighbours(window: Window, image: Size): Window {
  const x = Math.max(0, window.x - 1);
  const y = Math.max(0, window.y - 1);
  const least = Math.min(image.width, window.x + window.width + 1) - x;
  const height = Math.min(image.height, window.y + window.height + 1) - y;
  const widths = [least, least + 1, least + 2, least + 3].filter((width) => x + width <= image.width);
  return { x, y, width: widths.find((width) => (width * height) % 4 === 0) ?? least, height };
}

function decodePng(operations: EagerOperations, bytes: Uint8Array, window: Window): Uint8Array {
  const whole = decodeWholePng(operations, bytes);
  const begin = operations.ints(window.y, window.x, 0);
  const size = operations.ints(window.height, window.width, 3);
  const attributes = [operations.type('T', 'uint8'), operations.type('Index', 'int32')];
  return readBytes(operations, operations.run('Slice', attributes, whole, begin, size));
}

/** libpng refuses picture data whose checksum is wrong, which Pillow and libvips do not look at. */
function decodeWholePng(operations: EagerOperations, bytes: Uint8Array): EagerTensor {
  const attributes = [operations.int('channels', 3), operations.type('dtype', 'uint8')];
  try {
    return operations.run('DecodePng', attributes, operations.bytes(bytes));
  } catch (error) {
    const mended = withRightChecksums(bytes);
    if (mended === null) throw error;
    return operations.run('DecodePng', attributes, operations.bytes(mended));
  }
}

/**
 * The binding reads no uint8: four bytes are read as one int32, which moves a quarter of what integers of their own would.
 * Up to three bytes at the end have no other three.
 */
function readBytes(operations: EagerOperations, pixels: EagerTensor): Uint8Array {
  const numBytes = pixels.shape.reduce((product, side) => product * side, 1);
  const numFours = Math.floor(numBytes / 4);
  const reshape = (tensor: EagerTensor, ...shape: readonly number[]): EagerTensor => {
    const attributes = [operations.type('T', 'uint8'), operations.type('Tshape', 'int32')];
    return operations.run('Reshape', attributes, tensor, operations.ints(...shape));
  };
  const readFours = (tensor: EagerTensor): Uint8Array => {
    const attributes = [operations.type('T', 'uint8'), operations.type('type', 'int32')];
    const words = operations.read(operations.run('Bitcast', attributes, reshape(tensor, numFours, 4)));
    return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  };
  if (numBytes % 4 === 0) return readFours(pixels);
  const line = reshape(pixels, numBytes);
  const slice = (from: number, length: number): EagerTensor => {
    const attributes = [operations.type('T', 'uint8'), operations.type('Index', 'int32')];
    return operations.run('Slice', attributes, line, operations.ints(from), operations.ints(length));
  };
  const bytes = new Uint8Array(numBytes);
  if (numFours > 0) bytes.set(readFours(slice(0, numFours * 4)));
  const attributes = [operations.type('SrcT', 'uint8'), operations.type('DstT', 'int32')];
  bytes.set(operations.read(operations.run('Cast', attributes, slice(numFours * 4, numBytes % 4))), numFours * 4);
  return bytes;
}

/** A grey PNG of two pixels: six bytes, four and two. */
const TWO_PIXEL_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAC0lEQVQImWPgOgEAAN8A01MqPP4AAAAASUVORK5CYII=';

/**
 * Loads kernels before the first sample. The binding keeps the names of attributes in a table that all threads share
 * without a lock, so threads that decode are started one after the other and have used every name when they are ready.
 */
function warmUp(decodeWindow: (image: EncodedImage, window: Window) => Region): void {
  const bytes = Uint8Array.from(Buffer.from(TWO_PIXEL_PNG, 'base64'));
  const shape = { width: 2, height: 1, numComponents: 1, isCmyk: false, orientation: 1, hasProfile: false };
  const header = { ...shape, end: { kind: 'mark', after: 0 } } as const;
  const window = { x: 0, y: 0, width: 2, height: 1 };
  decodeWindow({ bytes, header: { ...header, format: 'png' } }, window);
  // The same bytes as a JPEG are refused, after the attributes were set.
  try {
    decodeWindow({ bytes, header: { ...header, format: 'jpeg' } }, window);
  } catch {
    return;
  }
}

import type { ImageHeader } from '#dataset';
import type { Region, Window } from '../pixel-image.js';

/** An encoded image whose header has been read. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
}

/**
 * Cuts windows out of images. Grey, CMYK and palette images come out as RGB, alpha is dropped, neither a colour
 * profile nor an EXIF orientation is applied. The pixels are a pure function of the arguments: neither the number of
 * threads nor what else is decoded changes a bit, and every decoder gives the same.
 */
export interface ImageDecoder {
  readonly kind: 'tensorflow' | 'portable';
  /**
   * The window's pixels as they are in the whole image, and maybe some around it. The result belongs to the caller. Throws or
   * rejects with the reason when the image cannot be decoded. Cost: of a JPEG the lines of the window, of other formats all of it.
   */
  decodeWindow(image: EncodedImage, window: Window): Promise<Region> | Region;
}

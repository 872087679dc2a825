import type { CropPlan, ImageHeader } from '#dataset';

/** An encoded image whose header has been read. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
}

/**
 * Cuts windows out of JPEG and PNG images. Grey, CMYK and palette images come out as RGB, alpha is dropped and EXIF
 * orientation is not applied. The pixels are a pure function of the arguments and of the decoder's build: neither the
 * number of threads nor what else is decoded changes a bit.
 */
export interface ImageDecoder {
  readonly kind: 'tensorflow' | 'portable';
  /**
   * The window resized to imageSize x imageSize (bilinear, half-pixel centres), RGB bytes, row by row. The result
   * belongs to the caller. Throws or rejects with the reason when the image cannot be decoded.
   */
  decodeWindow(image: EncodedImage, window: CropPlan['crop'], imageSize: number): Promise<Uint8Array> | Uint8Array;
  /** All of the image as it is, RGB bytes, row by row. Throws or rejects as decodeWindow does. */
  decodeWhole(image: EncodedImage): Promise<Uint8Array> | Uint8Array;
}

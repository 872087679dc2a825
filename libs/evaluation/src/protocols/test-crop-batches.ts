import type { PixelImage } from '#data-loading';
import type { TestCropBatch } from './test-crop-messages.js';

/** Pixels of a batch: 83 images of 224x224, 8 of 853x640. Activations of ResNet-50 then take some 3 GB at most. */
const MAX_PIXELS = 2 ** 22;

interface OpenBatch {
  readonly imageSize: number;
  readonly width: number;
  readonly height: number;
  readonly images: Uint8Array[];
  readonly rows: number[];
}

/** Collects test crops into batches of equal shapes, in the order in which they come. */
export class TestCropBatches {
  readonly #open = new Map<string, OpenBatch>();
  readonly #full: OpenBatch[] = [];

  add(imageSize: number, row: number, { width, height, pixels }: PixelImage): void {
    const key = `${imageSize} ${width} ${height}`;
    const batch = this.#open.get(key) ?? { imageSize, width, height, images: [], rows: [] };
    this.#open.set(key, batch);
    batch.images.push(pixels);
    batch.rows.push(row);
    if ((batch.images.length + 1) * width * height <= MAX_PIXELS) return;
    this.#full.push(batch);
    this.#open.delete(key);
  }

  /** Everything added; leaves nothing behind. */
  take(): TestCropBatch[] {
    const batches = [...this.#full.splice(0), ...this.#open.values()];
    this.#open.clear();
    return batches.map(({ imageSize, width, height, images, rows }) => {
      const imageBytes = width * height * 3;
      const pixels = new Uint8Array(images.length * imageBytes);
      for (const [at, image] of images.entries()) pixels.set(image, at * imageBytes);
      return { imageSize, width, height, numImages: images.length, pixels, rows: Int32Array.from(rows) };
    });
  }
}

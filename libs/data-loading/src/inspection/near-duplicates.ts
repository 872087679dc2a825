import { describeShared, type IndexedReader, type SharedImages } from '#dataset';
import { LookIndex } from './look-index.js';

/**
 * Finds validation images that look like one of training: other sizes, qualities and formats of a picture. Validation images are
 * added first; of training images nothing is kept but which are alike.
 */
export class NearDuplicates {
  readonly #index = new LookIndex();
  readonly #shared = new Map<number, number[]>();

  addValidation(sample: number, look: Uint16Array): void {
    this.#index.add(sample, look);
  }

  addTrain(sample: number, look: Uint16Array): void {
    for (const near of this.#index.near(look)) {
      this.#shared.set(near, [...(this.#shared.get(near) ?? []), sample]);
    }
  }

  found(splits: { readonly train: IndexedReader; readonly validation: IndexedReader }): SharedImages {
    return describeShared(splits, this.#shared);
  }
}

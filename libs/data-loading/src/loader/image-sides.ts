import { trainingSide, type RunSpec } from '#contracts';

/** Sides of the images in pixels: a pure function of the run's spec. */
export interface ImageSides {
  /** In an epoch, counted from 0. */
  inTraining(epoch: number): number;
  readonly inValidation: number;
  readonly largest: number;
}

/** `imageSize`: the network's own, which all images have where the run does not resize. */
export function imageSides({ resizing }: Pick<RunSpec, 'resizing'>, imageSize: number): ImageSides {
  if (resizing === undefined) return { inTraining: () => imageSize, inValidation: imageSize, largest: imageSize };
  const inValidation = resizing.validation ?? imageSize;
  return {
    inTraining: (epoch) => trainingSide(resizing, epoch),
    inValidation,
    largest: Math.max(resizing.from, resizing.to, inValidation),
  };
}

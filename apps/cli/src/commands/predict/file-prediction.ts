import { basename, extname, join } from 'node:path';
import { RefusedInputError, printable } from '#contracts';
import { formatShare } from '../../output/quantities.js';

/** What a network says of an image file. */
export interface FilePrediction {
  readonly file: string;
  readonly image: { readonly width: number; readonly height: number };
  /** The most probable first. */
  readonly classes: readonly { readonly index: number; readonly name: string; readonly probability: number }[];
  /** PNG file with the Grad-CAM overlay, and the class it is of. */
  readonly overlay: { readonly file: string; readonly ofClass: number; readonly name: string } | null;
}

/** A prediction for a person. */
export function predictionText({ file, classes, overlay }: FilePrediction): string {
  const lines = classes.map(
    ({ name, probability }) => `  ${formatShare(probability, 2).padStart(9)}  ${printable(name)}`,
  );
  const picture = overlay === null ? [] : [`  Grad-CAM of ${printable(overlay.name)}: ${printable(overlay.file)}`];
  return [printable(file), ...lines, ...picture].join('\n');
}

/** Where the overlay of each file goes. Throws RefusedInputError naming all files that would overwrite one another's. */
export function overlayFiles(files: readonly string[], folder: string): ReadonlyMap<string, string> {
  const targets = new Map(
    files.map((file) => [file, join(folder, `${basename(file, extname(file))}.grad-cam.png`)] as const),
  );
  const faults = files.flatMap((file) => {
    const others = files.filter((other) => other !== file && targets.get(other) === targets.get(file));
    return others.length === 0
      ? []
      : [{ path: file, message: `its overlay has the name of that of ${others.join(', ')}` }];
  });
  if (faults.length > 0) throw new RefusedInputError('files of the same name cannot go into one folder', faults);
  return targets;
}

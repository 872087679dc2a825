import { datasetNameSchema } from '#contracts';
import { z } from 'zod';

/** A data set, and where this host has it. */
export interface DatasetPlace {
  /** A name, an absolute path or an address, without slashes at its end. */
  readonly from: string;
  /** A path or an address. */
  readonly to: string;
}

const FORM = 'such as imagenet=/ssd/imagenet,/data/cifar=/ssd/cifar';

/** `SKIPLANE_DATASET_PATHS`: places by comma. Each faulty one is named. */
export const datasetPaths = z.string().transform((text, context): DatasetPlace[] => {
  const places: DatasetPlace[] = [];
  for (const item of text.split(',').map((one) => one.trim())) {
    const place = placeOf(item);
    if (typeof place === 'string') context.addIssue({ code: 'custom', message: place });
    else if (places.some(({ from }) => from === place.from))
      context.addIssue({ code: 'custom', message: `names ${place.from} twice` });
    else places.push(place);
  }
  return places;
});

function placeOf(item: string): DatasetPlace | string {
  const at = item.indexOf('=');
  const [from, to] = [item.slice(0, Math.max(0, at)).trim(), item.slice(at + 1).trim()].map((path) =>
    path === '/' ? path : path.replace(/\/+$/, ''),
  );
  if (at < 0 || !from || !to) return `has ${JSON.stringify(item)}, which is no NAME=PATH or PATH=PATH, ${FORM}`;
  const isPlace = from.startsWith('/') || /^(?:https?|s3):\/\//iu.test(from);
  if (!isPlace && !datasetNameSchema.safeParse(from).success)
    return `has ${JSON.stringify(from)}, which is neither a name nor an absolute path nor an address, ${FORM}`;
  return { from, to };
}

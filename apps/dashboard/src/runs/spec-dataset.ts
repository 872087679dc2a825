import { isObject, type DatasetView } from '#contracts';
import { EXAMPLE_SPECS, specText } from './example-spec.js';

/** Networks for images up to this side begin with a 3 x 3 convolution. */
const SMALL_SIDE = 64;

/**
 * A spec's text with a named data set in the place of its own, and as many classes as that has. Null where the text is no spec
 * that could have one.
 */
export function withDataset(text: string, name: string, numClasses: number | null): string | null {
  try {
    const spec: unknown = JSON.parse(text);
    if (!isObject(spec)) return null;
    const model = isObject(spec['model']) && numClasses !== null ? { ...spec['model'], numClasses } : spec['model'];
    return specText({ ...spec, ...(model !== undefined && { model }), dataset: name });
  } catch {
    // While one types, the text is no JSON for a moment.
    return null;
  }
}

/** A spec to begin from for a data set: the example whose network is for images of its size. */
export function exampleFor({ name, newest, content }: Pick<DatasetView, 'name' | 'newest' | 'content'>): string {
  const [small, large] = EXAMPLE_SPECS;
  if (small === undefined || large === undefined) throw new Error('bug: two examples are expected');
  const { spec } = (content?.width?.median ?? 0) > SMALL_SIDE ? large : small;
  const named = { ...spec, name: `${String(spec.model?.architecture)}-${name}` };
  return withDataset(specText(named), name, newest?.numClasses ?? null) ?? '';
}

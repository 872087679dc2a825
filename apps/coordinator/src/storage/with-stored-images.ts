type Fields = Readonly<Record<string, unknown>>;

/** A run's spec, or part of one, of before there was a setting for it: an image folder's images were seen as stored. */
export function withStoredImages(spec: unknown): unknown {
  if (!isFields(spec) || !isFields(spec.dataset) || spec.dataset.kind !== 'image-folder') return spec;
  return { ...spec, dataset: { orientation: 'as-stored', ...spec.dataset } };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

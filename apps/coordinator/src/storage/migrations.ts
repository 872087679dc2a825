type Fields = Readonly<Record<string, unknown>>;

/** A run's spec, or part of one, of before there was a setting for it: an image folder's images were seen as stored. */
export function withStoredImages(spec: unknown): unknown {
  if (!isFields(spec) || !isFields(spec.dataset) || spec.dataset.kind !== 'image-folder') return spec;
  return { ...spec, dataset: { orientation: 'as-stored', ...spec.dataset } };
}

/** The record of a run or an evaluation of before they had a kind: an evaluation had the fields of a run as well. */
export function withKind(fields: Fields): Fields {
  const { evaluation, ...others } = fields;
  if (!isFields(evaluation)) return { ...others, kind: 'training' };
  const { members, ...task } = evaluation;
  const { initialWeights: _, checkpoints: _1, weightsSha256: _2, study: _3, summary: _4, ...common } = others;
  return { ...common, kind: 'evaluation', evaluation: { ...task, models: members } };
}

/** The record of a run or an evaluation of before runs had labels and an origin, and could stop early. */
export function withLabels(fields: Fields): Fields {
  if (fields.kind !== 'training') return fields;
  const summary = isFields(fields.summary) ? { ...fields.summary, numWarnings: null, warnings: [] } : fields.summary;
  return { ...fields, summary, stopped: null, ending: null, origin: null, tags: [], notes: '', isArchived: false };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

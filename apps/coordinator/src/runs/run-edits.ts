import { TERMINAL_STATES, type RunChanges } from '#contracts';
import type { TrainingRecord } from '../storage/run-record.schema.js';

/** The record with what a person changed of it, and a line in words for each change; no line where nothing changed. */
export function edited(
  record: TrainingRecord,
  { name, tags, notes, isArchived }: RunChanges,
): { readonly record: TrainingRecord; readonly lines: readonly string[] } {
  const lines: string[] = [];
  let after = record;
  if (name !== undefined && name !== record.spec.name) {
    after = { ...after, spec: { ...after.spec, name } };
    lines.push(`renamed from ${record.spec.name} to ${name}`);
  }
  if (tags !== undefined && tags.join() !== record.tags.join()) {
    after = { ...after, tags: [...tags] };
    lines.push(tags.length === 0 ? 'tags removed' : `tags: ${tags.join(', ')}`);
  }
  if (notes !== undefined && notes !== record.notes) {
    after = { ...after, notes };
    lines.push(notes === '' ? 'notes removed' : 'notes changed');
  }
  const mayArchive = isArchived === false || TERMINAL_STATES.includes(record.state);
  if (isArchived !== undefined && isArchived !== record.isArchived && mayArchive) {
    after = { ...after, isArchived };
    lines.push(isArchived ? 'archived' : 'taken out of the archive');
  }
  return { record: after, lines };
}

import { InvalidArgumentError } from 'commander';
import { checkpointNameTextSchema, type CheckpointName } from '#contracts';

/** Parses the value of a flag that names a checkpoint: a step, `newest` or `best`. */
export function checkpointName(text: string): CheckpointName {
  const parsed = checkpointNameTextSchema.safeParse(text.trim() === '' ? undefined : text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Expected a step, newest or best.');
}

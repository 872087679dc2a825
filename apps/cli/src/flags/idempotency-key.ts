import { InvalidArgumentError, Option } from 'commander';

/** `--idempotency-key`, the same for all that is submitted. */
export function idempotencyKeyOption(what: 'run' | 'study' | 'evaluation'): Option {
  return new Option(
    '--idempotency-key <key>',
    `submitting again with the same key gives the first ${what} back (default: a new one per call)`,
  ).argParser(idempotencyKey);
}

function idempotencyKey(text: string): string {
  if (!/^[\x21-\x7e]{1,200}$/.test(text))
    throw new InvalidArgumentError('Expected 1 to 200 printable characters without blanks.');
  return text;
}

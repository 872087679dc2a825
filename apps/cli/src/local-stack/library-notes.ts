import { Transform } from 'node:stream';

/** Notes below errors that TensorFlow's libraries write whatever their log level is, and what absl says before the first. */
const NOTE = /^(?:WARNING: All log messages before absl::InitializeLog|[IW]\d{4} [\d:. ]+\S+:\d+\] )/;
/** A line that has only begun may still become a note, unless it begins otherwise. */
const MAY_BECOME_NOTE = /^[IW]/;

/** Passes on what a process says on stderr but for such notes; a line without an end, as of progress, at once. */
export function withoutLibraryNotes(): Transform {
  let held = '';
  const push = (text: string): string => {
    const lines = (held + text).split('\n');
    const last = lines.pop() ?? '';
    held = MAY_BECOME_NOTE.test(last) ? last : '';
    const kept = lines.filter((line) => !NOTE.test(line)).map((line) => `${line}\n`);
    return kept.join('') + (held === '' ? last : '');
  };
  return new Transform({
    decodeStrings: false,
    transform: (chunk: Buffer | string, _, done) => done(null, push(String(chunk))),
    flush: (done) => done(null, NOTE.test(held) ? '' : held),
  });
}

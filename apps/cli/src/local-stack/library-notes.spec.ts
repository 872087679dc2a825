import { describe, expect, it } from '@jest/globals';
import { withoutLibraryNotes } from './library-notes.js';

const NOTES = [
  'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
  'I0000 00:00:1795618894.224278   11688 port.cc:153] oneDNN custom operations are on.\n',
];

/** What is passed on of each chunk as it comes, and at the end. */
function passed(...chunks: readonly string[]): readonly string[] {
  const stream = withoutLibraryNotes().setEncoding('utf8');
  const take = (): string => String(stream.read() ?? '');
  const now = chunks.map((chunk) => {
    stream.write(chunk);
    return take();
  });
  stream.end();
  return [...now, take()];
}

describe('stderr without notes of the library', () => {
  it('is empty where there is nothing else, in whatever pieces it comes', () => {
    const text = NOTES.join('');
    expect(passed(text).join('')).toBe('');
    expect(passed(...text.split('')).join('')).toBe('');
  });

  it('keeps errors and what only looks like a note', () => {
    const kept = 'E0000 00:00:1795618894.2   11688 cuda.cc:1] no device\nWARNING: disk is full\nIn all 3 images\n';
    expect(passed(`${NOTES[0]}${kept}${NOTES[1]}`).join('')).toBe(kept);
    expect(passed('no end of line: W').join('')).toBe('no end of line: W');
    expect(passed('Why').join('')).toBe('Why');
  });

  it('does not hold back progress, which has no line ends', () => {
    expect(passed('\r1 of 9 images', '\r2 of 9 images').slice(0, 2)).toEqual(['\r1 of 9 images', '\r2 of 9 images']);
  });
});

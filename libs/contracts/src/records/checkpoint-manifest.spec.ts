import { describe, expect, it } from '@jest/globals';
import { checkpointFiles, manifestText, parseManifest, type CheckpointManifest } from './checkpoint-manifest.js';
import { RefusedInputError } from '../errors.js';
import { INITIAL_VALIDATION_STATE } from '../run-spec/stop-when.schema.js';
import { NewerVersionError } from './record-version.js';

const MANIFEST: CheckpointManifest = {
  version: 3,
  runId: 'r1',
  architecture: 'resnet20',
  round: 11,
  step: 10,
  weightsSha256: 'a'.repeat(64),
  slots: { momentum: { file: 'slot-momentum.safetensors', sha256: 'b'.repeat(64) } },
  validation: INITIAL_VALIDATION_STATE,
};

describe('the manifest of a checkpoint', () => {
  it('is read as it was written, and one without a checksum too', () => {
    const averaged = { ...MANIFEST, averageSha256: 'c'.repeat(64) };
    expect(parseManifest(manifestText(averaged))).toEqual(averaged);
    expect(parseManifest(JSON.stringify(MANIFEST))).toEqual(MANIFEST);
    expect(checkpointFiles(MANIFEST).map(({ name }) => name)).toEqual([
      'weights.safetensors',
      'slot-momentum.safetensors',
    ]);
    expect(checkpointFiles(averaged).at(-1)).toEqual({ name: 'average.safetensors', sha256: 'c'.repeat(64) });
  });

  it('of the first version is read: its momentum lies in optimizer.safetensors', () => {
    const { slots: _, validation: _1, ...others } = MANIFEST;
    const text = JSON.stringify({ ...others, version: 1, optimizerSha256: 'b'.repeat(64) });
    expect(parseManifest(text)).toEqual({
      ...MANIFEST,
      slots: { momentum: { file: 'optimizer.safetensors', sha256: 'b'.repeat(64) } },
    });
  });

  it('of the second version is read: no evaluation had shown anything yet', () => {
    const { validation: _, ...others } = MANIFEST;
    expect(parseManifest(JSON.stringify({ ...others, version: 2 }))).toEqual(MANIFEST);
  });

  it('is refused wherever it is cut off, and whatever digit of it is another', () => {
    const text = manifestText(MANIFEST);
    for (let end = 0; end < text.trimEnd().length; end += 1)
      expect(() => parseManifest(text.slice(0, end))).toThrow(RefusedInputError);
    for (const { index, 0: digit } of text.matchAll(/\d/g)) {
      const other = text.slice(0, index) + String((Number(digit) + 1) % 10) + text.slice(index + 1);
      expect(() => parseManifest(other)).toThrow(RefusedInputError);
    }
  });

  it('of a newer Skiplane is refused as such', () => {
    const newer = manifestText({ ...MANIFEST, version: 4 } as unknown as CheckpointManifest);
    expect(() => parseManifest(newer)).toThrow(NewerVersionError);
    expect(() => parseManifest(newer)).toThrow(
      'checkpoint.json was written by a newer Skiplane (version 4, this one knows 3)',
    );
  });

  it('is refused when it is something else', () => {
    for (const text of ['', '[]', '{}', 'null', '{"version":0}', JSON.stringify({ ...MANIFEST, extra: 1 })])
      expect(() => parseManifest(text)).toThrow(/checkpoint\.json is no/);
  });
});

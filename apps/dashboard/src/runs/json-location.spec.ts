import { describe, expect, it } from '@jest/globals';
import { lineOfPath } from './json-location.js';

const TEXT = `{
  "name": "a \\"quoted\\" name: {",
  "model": {
    "architecture": "resnet20",
    "numClasses": 10
  },
  "milestones": [
    3,
    -4.5e1
  ],
  "epochs": 5
}`;

describe('lineOfPath', () => {
  it('finds members, elements and members behind strings that look like syntax', () => {
    expect(lineOfPath(TEXT, 'model.numClasses')).toBe(4);
    expect(lineOfPath(TEXT, 'milestones.1')).toBe(8);
    expect(lineOfPath(TEXT, 'milestones[0]')).toBe(7);
    expect(lineOfPath(TEXT, '/epochs')).toBe(10);
  });

  it('answers with the nearest parent of what is missing', () => {
    expect(lineOfPath(TEXT, 'model.imageSize')).toBe(2);
    expect(lineOfPath(TEXT, 'lanes')).toBe(0);
  });

  it('answers null for a text that is no JSON', () => {
    for (const text of ['', '{', '{"a" 1}', '[1 2]', '{"a": }', 'nonsense"']) {
      expect([text, lineOfPath(text, 'a.b')]).toEqual([text, text === 'nonsense"' ? 0 : null]);
    }
  });
});

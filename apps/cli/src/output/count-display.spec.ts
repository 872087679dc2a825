import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { countDisplay } from './count-display.js';

describe('countDisplay', () => {
  it('says nothing of short work, and elsewhere than on a terminal a line every five seconds', () => {
    const lines: string[] = [];
    let now = 0;
    using display = countDisplay({ terminal: null, note: (line) => lines.push(line), now: () => now });
    for (now = 0; now <= 11_000; now += 500) display.show(() => `at ${now}`);
    expect(lines).toEqual(['at 5000', 'at 10000']);
  });

  it('draws over its line on a terminal, and takes it away at the end', () => {
    const terminal = new PassThrough().setEncoding('utf8');
    let now = 0;
    {
      using display = countDisplay({ terminal, note: () => undefined, now: () => now });
      for (now = 0; now <= 500; now += 100) display.show(() => `at ${now}`);
    }
    expect(terminal.read()).toBe('\r\u001b[Kat 200\r\u001b[Kat 400\r\u001b[K');
  });
});

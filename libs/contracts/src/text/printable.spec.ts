import { describe, expect, it } from '@jest/globals';
import { printable, printableLines, printableMessage } from './printable.js';

describe('printable', () => {
  it('shows what would move a cursor, set a title or turn the text around', () => {
    expect(printable('a\u001b[2Jb\u0007\r\n\tc')).toBe('a\\x1b[2Jb\\x07\\x0d\\x0a  c');
    expect(printable('\u009b31m \u202egpj.exe \u007f')).toBe('\\u009b31m \\u202egpj.exe \\u007f');
    expect(printable('naïve 日本 🚀')).toBe('naïve 日本 🚀');
  });

  it('keeps lines where the text is one of several, and JSON the JSON that it was', () => {
    expect(printableLines('one\r\ntwo\u001b[K\nthree')).toBe('one\ntwo\\x1b[K\nthree');
    expect(printableMessage('one:\n  two\u001b[K\n')).toBe('one: two\\x1b[K');
    const value = { name: '\u0085\u202e\u001b"\\' };
    expect(JSON.parse(printableLines(JSON.stringify(value)))).toEqual(value);
  });
});

/**
 * Text of another process (file names, messages) made safe for a terminal: control characters, which could move the
 * cursor or set the title, are shown as `\\x1b` and the like. Tabs become spaces.
 */
export function printable(text: string): string {
  let safe = '';
  for (const character of text.replaceAll('\t', '  ')) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    safe += isControl ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  }
  return safe;
}

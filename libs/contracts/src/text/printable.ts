/** Direction marks and line separators: they show nothing themselves and make the text around them look like another. */
const INVISIBLE = /[\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/**
 * Text from outside (file names, messages) made safe for a terminal: control characters, which could move the cursor or
 * set the title, are shown as `\\x1b` and the like. Tabs become spaces. Text that is JSON stays JSON of the same value.
 */
export function printable(text: string): string {
  let safe = '';
  for (const character of text.replaceAll('\t', '  ')) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) safe += `\\x${code.toString(16).padStart(2, '0')}`;
    else if ((code >= 0x7f && code < 0xa0) || INVISIBLE.test(character))
      safe += `\\u${code.toString(16).padStart(4, '0')}`;
    else safe += character;
  }
  return safe;
}

/** The same for a text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line))
    .join('\n');
}

/** The same for a message that is shown within a line: its lines follow each other. */
export function printableMessage(text: string): string {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => printable(line))
    .join(' ');
}

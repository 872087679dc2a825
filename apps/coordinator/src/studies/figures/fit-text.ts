/** Widths of the figures' fonts, on the wide side: the reader's may be another one than ours. */
export const CHARACTER_WIDTH = { text: 6.6, title: 8.2 } as const;

/** Breaks a text between words into lines that fit into `width`; a word that is wider has a line of its own. */
export function wrapText(text: string, width: number, characterWidth: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && (line.length + 1 + word.length) * characterWidth <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** The text, or as much of its beginning as fits into `width` and an ellipsis. */
export function shortenText(text: string, width: number, characterWidth: number): string {
  const length = Math.floor(width / characterWidth);
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1)).trimEnd()}…`;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

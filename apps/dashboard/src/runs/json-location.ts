/**
 * The line, from 0, on which the value of a path such as `optimizer.schedule.kind` or `milestones.0` begins in a JSON
 * text; for a member that is missing, the line of the nearest parent. Null where the text is no JSON.
 */
export function lineOfPath(text: string, path: string): number | null {
  const wanted = path.split(/[./[\]]+/).filter((part) => part !== '');
  let best: { depth: number; offset: number } = { depth: -1, offset: 0 };
  try {
    scanValue(text, skipSpace(text, 0), [], (offset, current) => {
      const isOnPath = current.every((part, index) => part === wanted[index]);
      if (isOnPath && current.length > best.depth) best = { depth: current.length, offset };
    });
  } catch {
    return null;
  }
  return text.slice(0, best.offset).split('\n').length - 1;
}

type Visit = (offset: number, path: readonly string[]) => void;

/** Visits the value at `from` and everything in it; answers with the offset behind it. */
function scanValue(text: string, from: number, path: readonly string[], visit: Visit): number {
  visit(from, path);
  const first = text[from];
  if (first === '{' || first === '[') return scanMembers(text, from, path, visit);
  if (first === '"') return endOfString(text, from);
  const literal = /^[-+\w.]+/.exec(text.slice(from, from + 64));
  if (literal === null) throw new SyntaxError(`No value at ${from}`);
  return from + literal[0].length;
}

function scanMembers(text: string, from: number, path: readonly string[], visit: Visit): number {
  const isObject = text[from] === '{';
  const close = isObject ? '}' : ']';
  let at = skipSpace(text, from + 1);
  for (let index = 0; text[at] !== close; index += 1) {
    let name = String(index);
    let start = at;
    if (isObject) {
      const nameEnd = endOfString(text, at);
      name = text.slice(at + 1, nameEnd - 1);
      const colon = skipSpace(text, nameEnd);
      if (text[colon] !== ':') throw new SyntaxError(`No colon at ${colon}`);
      start = skipSpace(text, colon + 1);
    }
    at = skipSpace(text, scanValue(text, start, [...path, name], visit));
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== close) throw new SyntaxError(`No comma at ${at}`);
  }
  return at + 1;
}

function endOfString(text: string, from: number): number {
  const string = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(from));
  if (string === null) throw new SyntaxError(`No string at ${from}`);
  return from + string[0].length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at += 1;
  return at;
}

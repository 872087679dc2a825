import { Readable } from 'node:stream';
import { CsvError, parse, type Info } from 'csv-parse';
import { decodeTable, TextFault } from './decode-table.js';

/** A row of a table as text; a field is undefined where the row lacks it. */
export interface Row {
  readonly line: number;
  readonly fields: readonly (string | undefined)[];
}

export interface RowReader {
  /** What the columns are called. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Lines that are no row of the table. */
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

/** A table that cannot be read at all. */
export class TableFault extends Error {
  override readonly name = 'TableFault';
}

/**
 * Reads a table: JSON objects, one a line, where its name ends in `.jsonl` or `.ndjson`; else CSV by RFC 4180 with a header,
 * parted by commas, semicolons or tabs, with any ends of lines. Spaces around a field are no part of it. Throws TableFault.
 */
export async function readRows(name: string, bytes: Uint8Array): Promise<RowReader> {
  let text: string;
  try {
    text = decodeTable(bytes);
  } catch (error) {
    if (error instanceof TextFault) throw new TableFault(error.message, { cause: error });
    throw error;
  }
  return /\.(jsonl|ndjson)$/i.test(name) ? readJsonLines(text) : await readCsv(text);
}

/** Excel's own word for the sign between fields, as the first line of a file. */
const SEPARATOR_LINE = /^sep=(.)\r?\n/i;

async function readCsv(given: string): Promise<RowReader> {
  const named = SEPARATOR_LINE.exec(given);
  const text = given.slice(named?.[0].length ?? 0);
  const parser = parse({
    delimiter: named?.[1] ?? delimiterOf(text),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    info: true,
  });
  const rows: Row[] = [];
  const faults: { line: number; message: string }[] = [];
  let columns: readonly string[] | undefined;
  try {
    for await (const one of Readable.from([text], { objectMode: false }).pipe(parser)) {
      const { record, info } = one as { readonly record: readonly string[]; readonly info: Info };
      const line = info.lines + (named === null ? 0 : 1);
      if (columns === undefined) columns = record;
      else if (record.length === columns.length) rows.push({ line, fields: record });
      else faults.push({ line, message: `has ${record.length} fields, the header has ${columns.length}` });
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new TableFault(`cannot be read as CSV: ${error.message}`, { cause: error });
  }
  if (columns === undefined) throw new TableFault('is empty');
  return { columns, rows, faults };
}

/** The sign that stands most often in the header, outside of quotes. */
function delimiterOf(text: string): string {
  const [header = ''] = text.replaceAll(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const counts = [',', ';', '\t'].map((sign) => ({ sign, count: header.split(sign).length }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most)).sign;
}

function readJsonLines(text: string): RowReader {
  const columns: string[] = [];
  const rows: Row[] = [];
  const faults: { line: number; message: string }[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (value === null) {
      faults.push({ line: at + 1, message: 'is no JSON object' });
      continue;
    }
    for (const name of Object.keys(value)) if (!columns.includes(name)) columns.push(name);
    rows.push({ line: at + 1, fields: columns.map((name) => textOf(value[name])) });
  }
  if (rows.length + faults.length === 0) throw new TableFault('is empty');
  return { columns, rows, faults };
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** What is neither text nor number is no label, and no file. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

import { RefusedInputError } from '#contracts';
import type { Fault, ScanContext } from '../dataset.js';
import { byCodeUnit } from '../labels/by-code-unit.js';
import { some } from '../labels/some.js';

/** The table of a data set: the one that is named, else the only one that lies in the location. */
export async function findTable(
  named: string | undefined,
  { store, signal }: ScanContext,
): Promise<{ readonly name: string | null; readonly faults: readonly Fault[] }> {
  if (named !== undefined) return { name: named, faults: [] };
  const faulty = (message: string): { name: null; faults: readonly Fault[] } => ({
    name: null,
    faults: [{ path: '', message }],
  });
  const tables: string[] = [];
  try {
    for await (const { kind, path } of store.list('', { ...(signal && { signal }) })) {
      if (kind === 'object' && /^[^.].*\.(csv|tsv|jsonl|ndjson)$/i.test(path)) tables.push(path);
    }
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return faulty(`${error.message}; name the table with dataset.manifest`);
  }
  tables.sort(byCodeUnit);
  const [first, second] = tables;
  if (first === undefined) return faulty('there is no .csv, .tsv or .jsonl file; dataset.manifest names one');
  if (second === undefined) return { name: first, faults: [] };
  return faulty(`there are several tables: ${some(tables)}; dataset.manifest names the one`);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing, writeFileAtomically } from '#files';

const cursorSchema = z.object({ after: z.string().regex(/^\d+(-\d+)?$/) });

/** The id of the last report that is on disk with all before it; `0` where none is known: then they are read once more. */
export async function readCursor(dataDirectory: string): Promise<string> {
  try {
    const cursor = cursorSchema.safeParse(JSON.parse(await readFile(pathOf(dataDirectory), 'utf8')));
    return cursor.data?.after ?? '0';
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return '0';
    throw error;
  }
}

/** Resolves when it outlives a power cut. */
export async function writeCursor(dataDirectory: string, after: string): Promise<void> {
  await writeFileAtomically(pathOf(dataDirectory), JSON.stringify({ after }));
}

const pathOf = (dataDirectory: string): string => join(dataDirectory, 'reports-cursor.json');

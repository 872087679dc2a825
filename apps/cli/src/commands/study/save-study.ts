import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudyView } from '#contracts';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';

/** Writes a study's table (markdown and CSV) and figures (SVG) into a folder; returns the files. */
export async function saveStudy(client: SkiplaneClient, study: StudyView, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const prefix = study.name.replaceAll(/[^\w.-]+/g, '-');
  const contents: [string, Promise<string>][] = [
    [`${prefix}-table.md`, client.studyTableText(study.id, 'markdown')],
    [`${prefix}-table.csv`, client.studyTableText(study.id, 'csv')],
    ...study.figures.map((name): [string, Promise<string>] => [
      `${prefix}-${name}.svg`,
      client.studyFigure(study.id, name),
    ]),
  ];
  return Promise.all(
    contents.map(async ([name, content]) => {
      const path = join(folder, name);
      await writeFile(path, await content);
      return path;
    }),
  );
}

import { median } from '#contracts';
import type { Answer, CoordinatorProcess } from './coordinator-process.js';

/** Requests one after the other: their median, the slowest, and the answers in order. */
export async function slowest(
  coordinator: CoordinatorProcess,
  paths: readonly string[],
): Promise<{ readonly median: number; readonly most: number; readonly answers: readonly Answer[] }> {
  const answers: Answer[] = [];
  for (const path of paths) answers.push(await coordinator.get(path));
  const times = answers.map(({ ms }) => ms);
  return { median: median(times), most: Math.max(...times), answers };
}

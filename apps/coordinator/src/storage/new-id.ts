import { randomBytes } from 'node:crypto';

/** What ids of runs and studies look like. */
export const ID = /^\d{8}-\d{6}-[0-9a-f]{4}$/;

/** Id of a run or a study. Sorts by time and reads as one: 20261124-153012-4f9a. */
export function newId(createdAt: number): string {
  const [date = '', time = ''] = new Date(createdAt).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
}

import { z } from 'zod';
import { judged, type CheckPart, type Finding } from '../check-part.js';
import { lanesReportSchema, type LanesReport, type WayOfLanes } from '../lanes/lanes-report.js';
import { runOnTarget } from '../run-on-target.js';

/** Scalars and a digest. */
const MOST_FETCHED_BYTES = 200;

/** Steps of one lane and of several in one graph, with and without their sum leaving the device: speed, bytes and bits. */
export const lanes: CheckPart = {
  name: 'lanes',
  title: 'several lanes in one graph: images per second, bytes over the bus, the same bits',
  limitSeconds: 100,
  run: async ({ sizes, ...context }, signal) => {
    const entry = new URL('../lanes/lanes-process.js', import.meta.url);
    const line = z.strictObject({ ways: lanesReportSchema });
    return judgeLanes((await runOnTarget(context, { entry, argument: sizes.lanesOfAStep, signal }, line)).ways);
  },
};

/** The sum has one digest, in whatever order its lanes were driven; and what was trained in one go fetched next to nothing. */
export function judgeLanes(ways: LanesReport): Finding {
  const faults = ways.flatMap((measured, index) => {
    const { way, fetchedBytes, digest } = measured;
    const sameLanes = ways.slice(0, index).find((other) => isSameStep(other.way, way));
    return [
      ...(sameLanes && sameLanes.digest !== digest
        ? [`${titleOf(way)}: other bits than ${titleOf(sameLanes.way)}`]
        : []),
      ...(way.how === 'train' && fetchedBytes > MOST_FETCHED_BYTES
        ? [`${titleOf(way)}: ${fetchedBytes} bytes were fetched`]
        : []),
    ];
  });
  const said = ways.map(
    ({ way, imagesPerSecond, fedBytes, fetchedBytes }) =>
      `${titleOf(way)}: ${imagesPerSecond.toFixed(0)} images/s, ${megabytes(fedBytes)} in, ${megabytes(fetchedBytes)} out`,
  );
  return judged(faults, said.join('; '), { ways });
}

const isSameStep = (a: WayOfLanes, b: WayOfLanes): boolean => a.lanes === b.lanes && a.batch === b.batch;

const titleOf = ({ lanes: count, batch, lanesAtOnce, how, devices }: WayOfLanes): string => {
  const together = count === 1 ? '' : `, ${lanesAtOnce} at once`;
  const places = devices.length === 0 ? '' : ` on ${devices.join(', ')}`;
  return `${count} x ${batch}${together}${places}${how === 'train' ? '' : ', exchanged'}`;
};

const megabytes = (bytes: number): string => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1e6).toFixed(2)} MB`);

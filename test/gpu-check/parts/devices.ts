import { z } from 'zod';
import { skipped, type CheckPart } from '../check-part.js';
import { lanesReportSchema, type LanesOptions, type WayOfLanesInput } from '../lanes/lanes-report.js';
import { runOnTarget } from '../run-on-target.js';
import type { Target } from '../target.js';
import { judgeLanes } from './lanes.js';

/** More would take the memory of more batches than the limit of time is for. */
const MOST_DEVICES = 8;

/** Lanes on several devices of one graph against all of them on one: speed, bytes and bits. */
export const devices: CheckPart = {
  name: 'devices',
  title: 'one worker on several devices, or on one taken twice: images per second, the same bits',
  limitSeconds: 100,
  run: async ({ sizes, target, ...context }, signal) => {
    const places = placesOf(target);
    if (target.kind === 'gpu' && target.devices.some(({ slice }) => slice !== null) && target.numDevices > 1) {
      return skipped('CUDA shows a process one slice alone');
    }
    const entry = new URL('../lanes/lanes-process.js', import.meta.url);
    const line = z.strictObject({ ways: lanesReportSchema });
    const argument = { ...sizes.lanesOfAStep, ways: waysOn(places, sizes.lanesOfAStep) };
    const numClaimed = new Set(places).size;
    return judgeLanes((await runOnTarget({ target, ...context }, { entry, argument, signal, numClaimed }, line)).ways);
  },
};

/** The devices of a kind that there are, as TensorFlow names them; where there is one, that one twice. */
export function placesOf(target: Target): readonly string[] {
  if (target.kind === 'cpu') return ['/device:CPU:0', '/device:CPU:0'];
  const [first] = target.devices;
  const alike = target.devices.filter(({ name }) => name === first?.name).slice(0, MOST_DEVICES);
  return alike.length > 1 ? alike.map((_, index) => `/device:GPU:${index}`) : ['/device:GPU:0', '/device:GPU:0'];
}

/** A lane on each device, trained and exchanged, and as many lanes on one. */
function waysOn(places: readonly string[], { ways }: LanesOptions): readonly WayOfLanesInput[] {
  const batch = Math.max(...ways.map((way) => way.batch)) / 2;
  const lanes = { lanes: places.length, batch };
  return [
    { ...lanes, lanesAtOnce: 1, how: 'train' },
    { ...lanes, lanesAtOnce: places.length, how: 'train', devices: places },
    { ...lanes, lanesAtOnce: places.length, how: 'exchanged', devices: places },
  ];
}

import type { CheckPart } from './check-part.js';
import { bits } from './parts/bits.js';
import { devices } from './parts/devices.js';
import { exchange } from './parts/exchange.js';
import { lanes } from './parts/lanes.js';
import { loader } from './parts/loader.js';
import { memory } from './parts/memory.js';
import { operations } from './parts/operations.js';
import { partialBatch } from './parts/partial-batch.js';
import { sameBits } from './parts/same-bits.js';
import { speed } from './parts/speed.js';
import { training } from './parts/training.js';
import { xla } from './parts/xla.js';

/** In this order: what would be in vain comes after what shows it. */
export const PARTS: readonly CheckPart[] = [
  operations,
  training,
  partialBatch,
  sameBits,
  memory,
  exchange,
  speed,
  lanes,
  devices,
  bits,
  xla,
  loader,
];

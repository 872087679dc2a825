import type { RunPlan } from '#contracts';
import type { Device } from '../device/device.js';
import type { WorkerConfig } from '../config.js';

/** Whether sums are pushed part by part while the rest is computed. */
export type Overlap = WorkerConfig['SKIPLANE_OVERLAP'];

/**
 * What `auto` is for a run. On one host little should be gained, which nobody has measured: whoever carries the bytes takes the
 * cores that compute. On a GPU nobody has compared the bits of a backward pass in stages with those of one in one go.
 */
export function overlapOf(
  setting: Overlap,
  { device, plan }: { readonly device: Pick<Device, 'claim'>; readonly plan: Pick<RunPlan, 'parameterServers'> },
): Overlap {
  if (setting !== 'auto') return setting;
  return device.claim === null && plan.parameterServers.some((server) => !isLoopback(server)) ? 'auto' : 'off';
}

const isLoopback = (server: string): boolean => /^(?:127\.|localhost:|\[::1\]:)/.test(server);

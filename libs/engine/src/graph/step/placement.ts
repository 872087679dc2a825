import type { GraphBuilder } from '#tensorflow-graph';

/** Where a replica's graph computes. */
export interface Placement {
  /** As TensorFlow names them; each holds the whole replica. An empty name is the device that TensorFlow chooses. */
  readonly devices: readonly string[];
  /** Which of the devices drives each slot. Neighbours share one, so that it adds up whole subtrees. */
  readonly deviceOfSlot: readonly number[];
}

/** Spreads slots over devices. There are at most as many devices as slots: others would have nothing to compute. */
export function placementOf(numSlots: number, devices: readonly string[] = []): Placement {
  const used = devices.length === 0 ? [''] : devices.slice(0, numSlots);
  return {
    devices: used,
    deviceOfSlot: Array.from({ length: numSlots }, (_, slot) => Math.floor((slot * used.length) / numSlots)),
  };
}

/** What `build` adds for each device, placed there. */
export function emitOnEach<Result>(
  graph: GraphBuilder,
  { devices }: Placement,
  build: (device: number) => Result,
): readonly Result[] {
  const isOne = devices.length === 1;
  return devices.map((name, device) =>
    graph.onDevice(name, () => (isOne ? build(device) : graph.scope(`device-${device}`, () => build(device)))),
  );
}

/** What `build` adds, placed on one device. */
export function emitOn<Result>(
  graph: GraphBuilder,
  { devices }: Placement,
  device: number,
  build: () => Result,
): Result {
  return graph.onDevice(devices[device] ?? '', build);
}

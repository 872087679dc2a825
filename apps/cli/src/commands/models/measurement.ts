import { z } from 'zod';

/** What a network costs to make and to start, on this machine. */
export const measurementSchema = z.strictObject({
  name: z.string(),
  numLayers: z.int(),
  numNodes: z.int(),
  /** The node list and the layout. */
  buildMs: z.number(),
  /** The graph of one replica. */
  encodeMs: z.number(),
  graphBytes: z.int(),
  /** TensorFlow reads the graph. */
  loadMs: z.number(),
  /** A training step on one image; TensorFlow optimises the graph in the first one. */
  firstStepMs: z.number(),
  stepMs: z.number(),
  /** Of the whole process: Node, TensorFlow, weights, momentum, activations. */
  peakRssBytes: z.int(),
});
export type Measurement = z.infer<typeof measurementSchema>;

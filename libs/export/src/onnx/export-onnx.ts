import { engineToTorch, PIXEL_NORMALIZATION } from '#resnet';
import type { ExportedFile, ExportedModel } from '../exported-model.js';
import { FLOAT, OnnxGraph } from './onnx-graph.js';
import { modelMessage } from './protobuf-schema.js';
import { writeNode } from './write-node.js';

/** Every operator here has had its present form since then; runtimes of 2022 and later know it. */
const OPSET = 17;
/** The format's version that belongs to the opset. */
const IR_VERSION = 8;

/**
 * An ONNX model, opset 17: `images`, float32 [N,3,S,S], RGB, normalised as torchvision does, to `logits` and
 * `probabilities` [N, classes]. Batch normalisation stays an operator of its own; runtimes fold it. `metadata_props` names
 * classes, mean and deviation.
 */
export function exportOnnx(model: ExportedModel): readonly ExportedFile[] {
  const { network } = model;
  const graph = new OnnxGraph();
  const weight = weightsOf(graph, model);
  const outputs: string[] = [];
  for (const node of network.nodes) {
    const inputs = node.inputs.map((index) => outputs[index] ?? fail(`node ${outputs.length} comes before ${index}`));
    outputs.push(node.kind === 'input' ? 'images' : writeNode({ graph, weight }, node, inputs));
  }
  const head = outputs.at(-1) ?? fail('the network is empty');
  graph.operator('Identity', { inputs: [head], name: 'logits' });
  graph.operator('Softmax', { inputs: ['logits'], attributes: { axis: { i: -1 } }, name: 'probabilities' });

  const side = network.imageSize;
  const bytes = modelMessage
    .encode(
      modelMessage.fromObject({
        irVersion: IR_VERSION,
        producerName: 'skiplane',
        opsetImport: [{ domain: '', version: OPSET }],
        metadataProps: metadataOf(model),
        graph: {
          name: network.architecture,
          docString: 'images: RGB, (pixel / 255 - mean) / deviation per channel',
          node: graph.nodes,
          initializer: graph.initializers,
          input: [floatInfo('images', [3, side, side])],
          output: [floatInfo('logits', [network.numClasses]), floatInfo('probabilities', [network.numClasses])],
        },
      }),
    )
    .finish();
  return [{ path: 'model.onnx', bytes }];
}

/** A float32 tensor whose first axis is the batch, of any size. */
function floatInfo(name: string, dims: readonly number[]): object {
  const dim = [{ dimParam: 'N' }, ...dims.map((size) => ({ dimValue: size }))];
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

function metadataOf({ classes, network }: ExportedModel): readonly { key: string; value: string }[] {
  const entries = {
    architecture: network.architecture,
    mean: JSON.stringify(PIXEL_NORMALIZATION.mean),
    deviation: JSON.stringify(PIXEL_NORMALIZATION.deviation),
    ...(classes === undefined ? {} : { classes: JSON.stringify(classes) }),
  };
  return Object.entries(entries).map(([key, value]) => ({ key, value }));
}

/** Adds each weight to the graph when it is first asked for. */
function weightsOf(graph: OnnxGraph, model: ExportedModel): (name: string) => string {
  const { layout, parameters, statistics } = model;
  const parameterEntries = new Map(layout.parameters.map((entry) => [entry.name, entry]));
  const statisticEntries = new Map(layout.statistics.map((entry) => [entry.name, entry]));
  return (name) => {
    const entry = parameterEntries.get(name);
    if (entry !== undefined) {
      const torch = new Float32Array(entry.length);
      engineToTorch(entry, parameters.subarray(entry.offset, entry.offset + entry.length), torch);
      return graph.floats(name, entry.torchShape, torch);
    }
    const { offset, length } = statisticEntries.get(name) ?? fail(`the layout has no entry ${name}`);
    return graph.floats(name, [length], statistics.subarray(offset, offset + length));
  };
}

const fail = (message: string): never => {
  throw new Error(message);
};

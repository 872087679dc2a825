import { shortcutOf } from '#contracts';
import { buildNetwork, networkCosts, type NetworkNode, type NetworkOptions } from '#resnet';
import { formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';

/** One node of the network. */
export interface LayerReport {
  readonly kind: NetworkNode['kind'];
  /** torchvision's name; null where the node has no weights. */
  readonly name: string | null;
  /** Which layers it reads, by their place in the list. */
  readonly inputs: readonly number[];
  /** Height, width, channels. */
  readonly outputShape: readonly [number, number, number];
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly keptBytes: number;
}

/** A network in numbers, as `skiplane models NAME --json` prints it. */
export interface ModelReport {
  readonly name: string;
  /** Convolutions on the main path and the head. */
  readonly numLayers: number;
  /** null: a plain net. */
  readonly shortcut: 'A' | 'B' | 'C' | null;
  readonly numClasses: number;
  readonly imageSize: number;
  readonly parameters: number;
  /** Of one image's forward pass. */
  readonly multiplyAdds: number;
  /** Activations of one image kept for the backward pass, float32. */
  readonly memoryPerImageBytes: number;
  readonly layers: readonly LayerReport[];
}

/** Builds the network and counts; nothing is computed with it. */
export function modelReport(model: NetworkOptions): ModelReport {
  const network = buildNetwork(model);
  const costs = networkCosts(network);
  return {
    name: network.architecture,
    numLayers: costs.numLayers,
    shortcut: shortcutOf(model),
    numClasses: network.numClasses,
    imageSize: network.imageSize,
    parameters: costs.parameters,
    multiplyAdds: costs.multiplyAdds,
    memoryPerImageBytes: costs.keptBytes,
    layers: network.nodes.map((node, index) => ({
      kind: node.kind,
      name: 'name' in node ? node.name : null,
      inputs: node.inputs,
      outputShape: node.shape,
      parameters: costs.nodes[index]?.parameters ?? 0,
      multiplyAdds: costs.nodes[index]?.multiplyAdds ?? 0,
      keptBytes: costs.nodes[index]?.keptBytes ?? 0,
    })),
  };
}

/** `1,234,567` */
const grouped = (value: number): string => value.toLocaleString('en-US');

/** One row a network. */
export function modelsTable(reports: readonly ModelReport[]): string {
  return table(
    [
      { title: 'NAME' },
      { title: 'LAYERS', right: true },
      { title: 'SHORTCUT', right: true },
      { title: 'PARAMETERS', right: true },
      { title: 'MULTIPLY-ADDS', right: true },
      { title: 'MEMORY/IMAGE', right: true },
      { title: 'INPUT', right: true },
      { title: 'CLASSES', right: true },
    ],
    reports.map((report) => [
      report.name,
      String(report.numLayers),
      report.shortcut ?? 'none',
      grouped(report.parameters),
      grouped(report.multiplyAdds),
      formatBytes(report.memoryPerImageBytes),
      `${report.imageSize} px`,
      String(report.numClasses),
    ]),
  );
}

/** One row a layer, below the network's own. */
export function modelText(report: ModelReport): string {
  const layers = table(
    [
      { title: '', right: true },
      { title: 'KIND' },
      { title: 'NAME' },
      { title: 'READS' },
      { title: 'OUTPUT', right: true },
      { title: 'PARAMETERS', right: true },
      { title: 'MULTIPLY-ADDS', right: true },
    ],
    report.layers.map((layer, index) => [
      String(index),
      layer.kind,
      layer.name ?? '',
      layer.inputs.join(' '),
      layer.outputShape.join(' x '),
      layer.parameters === 0 ? '' : grouped(layer.parameters),
      layer.multiplyAdds === 0 ? '' : grouped(layer.multiplyAdds),
    ]),
  );
  return `${modelsTable([report])}\n\n${layers}`;
}

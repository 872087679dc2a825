import { describe, expect, it } from '@jest/globals';
import { attribute } from './attribute.js';
import { GraphBuilder, tensorName } from './graph-builder.js';
import { add } from './operations/arithmetic.js';
import { concatenate } from './operations/arrays.js';
import { constant, floatScalar, floatVector } from './operations/constants.js';
import { savedModelMessage } from './protobuf-schema.js';
import { decodeSignatures, encodeSavedModel, tensorSpec } from './saved-model.js';

describe('encodeSavedModel', () => {
  it('keeps signatures, their element types and their shapes', () => {
    const graph = new GraphBuilder();
    const x = graph.placeholder('x', 'float32', [-1, 3]);
    const sum = add(graph, x, floatScalar(graph, 1));
    const signatures = { plusOne: { inputs: { x: tensorSpec(x, [-1, 3]) }, outputs: { sum: tensorSpec(sum) } } };
    expect(decodeSignatures(encodeSavedModel(graph, signatures))).toEqual(signatures);
  });

  it('writes attributes, inputs, control inputs and devices as TensorFlow spells them', () => {
    const graph = new GraphBuilder();
    const first = floatScalar(graph, 2);
    graph.onDevice('/device:CPU:0', () =>
      graph.tensor('Pack', 'float32', {
        inputs: [first, { operation: 'split', output: 3, dtype: 'float32' }],
        after: [first],
        attributes: { N: attribute.int(2), axis: attribute.int(-1), T: attribute.type('float32') },
      }),
    );
    const bytes = encodeSavedModel(graph, {});
    const decoded = savedModelMessage.toObject(savedModelMessage.decode(bytes), { longs: Number }) as {
      metaGraphs: { graphDef: { node: { name: string }[] } }[];
    };
    expect(decoded.metaGraphs[0]?.graphDef.node[1]).toEqual({
      name: 'Pack',
      op: 'Pack',
      input: ['Const', 'split:3', '^Const'],
      device: '/device:CPU:0',
      attr: { N: { i: 2 }, axis: { i: -1 }, T: { type: 1 } },
    });
  });

  it('refuses bytes that are no SavedModel', () => {
    expect(() => decodeSignatures(new Uint8Array())).toThrow('holds no graph');
  });

  it('refuses a literal whose values do not fill its shape', () => {
    const graph = new GraphBuilder();
    expect(() => constant(graph, { dtype: 'int32', shape: [2, 2], values: [1, 2, 3] })).toThrow(
      'a literal of shape [2, 2] has 4 elements, got 3',
    );
  });
});

describe('GraphBuilder', () => {
  it('gives every operation a name of its own, in its scope', () => {
    const graph = new GraphBuilder();
    const names = graph.scope('outer', () => [
      graph.tensor('Relu', 'float32'),
      graph.tensor('Relu', 'float32'),
      graph.tensor('Relu', 'float32', { name: 'Relu_1' }),
      graph.scope('inner', () => graph.tensor('Relu', 'float32')),
    ]);
    expect(names.map(tensorName)).toEqual(['outer/Relu:0', 'outer/Relu_1:0', 'outer/Relu_1_1:0', 'outer/inner/Relu:0']);
  });

  it('joins any number of parts, although ConcatV2 wants two', () => {
    const graph = new GraphBuilder();
    const one = floatScalar(graph, 1);
    expect(concatenate(graph, [one], 'float32')).toBe(one);
    concatenate(graph, [], 'float32');
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Const', 'Const']);
  });

  it('joins very many parts in groups, along an axis that keeps TensorFlow from merging them', () => {
    const graph = new GraphBuilder();
    const parts = Array.from({ length: 700 }, () => floatVector(graph, [1]));
    concatenate(graph, parts, 'float32');
    const joins = graph.nodes.filter(({ op }) => op === 'ConcatV2');
    // Ten groups of 64 and one of 60, then the groups; the last input is the axis.
    expect(joins.map(({ input }) => input.length - 1)).toEqual([...Array.from({ length: 10 }, () => 64), 60, 11]);
    const axes = joins.map(({ input }) => graph.nodes.find(({ name }) => input.at(-1) === name)?.attr['value']);
    const groupAxes = new Set(axes.slice(0, -1).map((axis) => JSON.stringify(axis)));
    expect(groupAxes.size).toBe(1);
    expect([...groupAxes]).not.toContain(JSON.stringify(axes.at(-1)));
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  add,
  applyMomentum,
  assertFinite,
  assignVariable,
  attribute,
  deepCopy,
  encodeSavedModel,
  floatScalar,
  GraphBuilder,
  identity,
  readVariable,
  tensorSpec,
  variable,
} from '#tensorflow-graph';
import { loadBinding } from './binding.js';
import { writeSavedModel } from './saved-model-folder.js';
import { Session } from './session.js';

/** A variable of three elements with signatures that assign, read and update it, and others for strings and failures. */
function sampleModel(): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.placeholder('x', 'float32', [3]);
  const v = variable(graph, 'v', 'float32', [3]);
  const velocity = variable(graph, 'velocity', 'float32', [3]);
  const assigned = [assignVariable(graph, v, deepCopy(graph, x)), assignVariable(graph, velocity, deepCopy(graph, x))];
  const one = floatScalar(graph, 1);
  const checked = assertFinite(
    graph,
    graph.tensor('Sum', 'float32', {
      inputs: [
        x,
        graph.tensor('Const', 'int32', {
          attributes: {
            dtype: attribute.type('int32'),
            value: attribute.tensor({ dtype: 'int32', shape: [1], values: [0] }),
          },
        }),
      ],
      attributes: { T: attribute.type('float32'), Tidx: attribute.type('int32') },
    }),
    'x is not finite',
  );
  const updated = applyMomentum(
    graph,
    {
      parameters: v,
      velocity,
      gradient: x,
      learningRate: floatScalar(graph, 0.5),
      momentum: floatScalar(graph, 0.25),
      nesterov: false,
    },
    [checked],
  );
  const text = graph.placeholder('text', 'string', [-1]);
  const length = graph.tensor('StringLength', 'int32', { inputs: [text] });
  const done = (name: string, after: typeof assigned) => ({ done: tensorSpec(identity(graph, one, name, after), []) });
  return encodeSavedModel(graph, {
    assign: { inputs: { x: tensorSpec(x, [3]) }, outputs: done('assigned', assigned) },
    update: { inputs: { x: tensorSpec(x, [3]) }, outputs: done('updated', [updated]) },
    read: {
      inputs: {},
      outputs: { v: tensorSpec(readVariable(graph, v)), sum: tensorSpec(add(graph, readVariable(graph, v), one)) },
    },
    lengths: { inputs: { text: tensorSpec(text, [-1]) }, outputs: { length: tensorSpec(length) } },
  });
}

describe('Session', () => {
  let session: Session;
  const fed = (...values: number[]) => ({ x: { data: Float32Array.from(values), shape: [3] } });
  const value = () => [...(session.run('read')['v']?.data ?? [])];

  beforeAll(() => {
    session = Session.fromBytes(sampleModel());
  });
  afterAll(() => session.close());

  it('refuses to read a variable that was never assigned, in words of TensorFlow', () => {
    const fresh = Session.fromBytes(sampleModel());
    expect(() => fresh.run('read')).toThrow(/signature read failed: .*(uninitialized|does not exist)/s);
    fresh.close();
  });

  it('keeps variables from run to run and returns arrays of the caller', () => {
    session.run('assign', fed(1, 2, 3));
    const { v, sum } = session.run('read');
    expect(v?.data).toBeInstanceOf(Float32Array);
    expect(v).toEqual({ data: Float32Array.of(1, 2, 3), shape: [3] });
    expect(sum?.data).toEqual(Float32Array.of(2, 3, 4));
  });

  it('does not share the memory of a fed array with a variable', () => {
    const feeds = fed(1, 2, 3);
    session.run('assign', feeds);
    feeds.x.data.fill(9);
    expect(value()).toEqual([1, 2, 3]);
    session.run('update', fed(1, 1, 1));
    expect(feeds.x.data).toEqual(Float32Array.of(9, 9, 9));
  });

  it('applies momentum as u = m*u + g; w -= rate*u', () => {
    session.run('assign', fed(4, 8, 12));
    session.run('update', fed(1, 0, -1));
    expect(value()).toEqual([4 - 0.5 * 2, 8 - 0.5 * 2, 12 - 0.5 * 2]);
  });

  it('feeds strings', () => {
    const text = { data: [Uint8Array.of(1, 2, 0), new Uint8Array(40)], shape: [2] };
    expect(session.run('lengths', { text })['length']?.data).toEqual(Int32Array.of(3, 40));
  });

  it('changes nothing when an assertion of the graph fails, and keeps its message', () => {
    session.run('assign', fed(1, 2, 3));
    expect(() => session.run('update', fed(Number.NaN, 0, 0))).toThrow(/x is not finite/);
    expect(value()).toEqual([1, 2, 3]);
  });

  it('names every fault of its feeds before anything runs', () => {
    const feeds = { x: { data: Int32Array.of(1, 2), shape: [3] }, y: { data: Float32Array.of(1), shape: [] } };
    expect(() => session.run('assign', feeds)).toThrow(
      'x: expected Float32Array for float32, got Int32Array; x: shape [3] needs 3 elements, got 2; y: signature assign has no such input',
    );
    expect(() => session.run('assign')).toThrow('x: missing: expected float32');
    expect(() => session.run('assign', { x: { data: Float32Array.of(1, 2), shape: [2] } })).toThrow(
      'expected shape [3], got [2]',
    );
    expect(() => session.run('fly')).toThrow('no signature fly; it has');
  });

  it('leaves no tensor behind over 200 runs, failed ones included', () => {
    const before = loadBinding().getNumOfTensors();
    session.run('assign', fed(1, 2, 3));
    for (let run = 0; run < 100; run += 1) {
      session.run('read');
      expect(() => session.run('update', fed(Number.NaN, 0, 0))).toThrow();
    }
    expect(loadBinding().getNumOfTensors()).toBe(before);
  });

  it('loads from a folder, and frees the graph when closed', () => {
    const directory = mkdtempSync(join(tmpdir(), 'skiplane-test-'));
    writeSavedModel(directory, sampleModel());
    const before = loadBinding().getNumOfSavedModels();
    const loaded = Session.load(directory);
    rmSync(directory, { recursive: true });
    expect(Object.keys(loaded.signatures)).toEqual(['assign', 'update', 'read', 'lengths']);
    loaded.close();
    loaded.close();
    expect(loadBinding().getNumOfSavedModels()).toBe(before);
    expect(() => loaded.run('read')).toThrow('the session is closed');
  });

  it('says what TensorFlow does not like about a graph', () => {
    const graph = new GraphBuilder();
    graph.tensor('NoSuchOperation', 'float32');
    expect(() => Session.fromBytes(encodeSavedModel(graph, {}))).toThrow(/could not be loaded: .*NoSuchOperation/);
  });
});

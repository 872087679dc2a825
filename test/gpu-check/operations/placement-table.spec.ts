import { describe, expect, it } from '@jest/globals';
import { strayed } from './expected-placement.js';
import { PlacementTable } from './placement-table.js';

/** As TensorFlow 2.21 writes them. */
const line = (name: string, device: string): string =>
  `I0000 00:00:1795905955.684226   12576 placer.cc:172] training/${name}(${name}) placed on: /job:localhost/replica:0/task:0/device:${device}`;

describe('the table of placements', () => {
  it('counts what the placer says of each operation, and keeps what else was said last', () => {
    const table = new PlacementTable();
    const lines = [line('Conv2D', 'GPU:0'), line('Const', 'CPU:0'), line('Const', 'GPU:0'), line('Conv2D', 'GPU:0')];
    for (const each of ['E0000 no kernel', ...lines]) table.read(each);
    expect(table.rows()).toEqual([
      { operation: 'Const', devices: ['cpu', 'gpu'], count: 2 },
      { operation: 'Conv2D', devices: ['gpu'], count: 2 },
    ]);
    expect(table.lastWords()).toBe('E0000 no kernel');
  });
  it('knows what is on the CPU though it has a GPU kernel', () => {
    const table = new PlacementTable();
    const places = { Conv2D: 'CPU:0', Relu: 'GPU:0', DecodeJpeg: 'CPU:0' };
    for (const [name, device] of Object.entries(places)) table.read(line(name, device));
    expect(strayed(table.rows())).toEqual(['Conv2D']);
  });
});

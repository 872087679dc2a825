import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '#telemetry';
import { LoopFaults } from './loop-faults.js';
import { OpenFaults } from './open-faults.js';

describe("the faults of the coordinator's loops", () => {
  const open = (): { faults: OpenFaults; loops: LoopFaults } => {
    const faults = new OpenFaults(() => 1);
    const redis = {
      whyItFails: (error: unknown) => (String(error).includes('READONLY') ? 'Redis is a replica' : undefined),
    };
    const disk = { observe: () => false };
    const onReplaced = (error: unknown): never => {
      throw error;
    };
    return { faults, loops: new LoopFaults({ faults, disk, redis, logger: silentLogger(), onReplaced }) };
  };
  const kinds = (faults: OpenFaults): string[] => faults.list().map(({ kind }) => kind);

  it('have a kind each, and are open until the same loop works again', () => {
    const { faults, loops } = open();
    for (const loop of ['scheduling', 'saving', 'studies', 'reports'] as const)
      loops.failed(loop, new Error('no room'));
    expect(kinds(faults)).toEqual(['scheduling', 'saving', 'studies', 'reports']);
    expect(faults.list()[1]?.message).toBe('the record cannot be saved: Error: no room');
    loops.worked('scheduling');
    expect(kinds(faults)).toEqual(['saving', 'studies', 'reports']);
    loops.worked('saving');
    expect(kinds(faults)).toEqual(['studies', 'reports']);
  });

  it('of a Redis that fails are said in words, and are what the runs wait for', () => {
    const { faults, loops } = open();
    loops.failed('scheduling', new Error('READONLY'));
    expect(kinds(faults)).toEqual(['redis']);
    expect(loops.whyRunsWait).toBe('runs and workers cannot be looked after: Redis is a replica');
    loops.failed('saving', new Error('READONLY file system'));
    loops.worked('scheduling');
    expect(faults.list().map(({ message }) => message)).toEqual([
      'the record cannot be saved: Error: READONLY file system',
    ]);
    expect(loops.whyRunsWait).toBeNull();
  });
});

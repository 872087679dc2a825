import { describe, expect, it } from '@jest/globals';
import type { RunPlan } from '#contracts';
import { AssignmentBoard, planText } from './assignment-board.js';
import { REDIS_KEYS } from './redis-keys.js';
import { TestRedis } from './testing/test-redis.js';

const test = new TestRedis();

describe('AssignmentBoard', () => {
  it('writes what differs, takes away what is no longer wanted, and nudges only then', async () => {
    const board = new AssignmentBoard(test.commands);
    const heard: string[] = [];
    const subscriber = test.connect('subscriber');
    test.afterTest(async () => subscriber.disconnect());
    const end = new Promise<void>((resolve) => {
      subscriber.on('message', (_channel: string, what: string) => (what === 'end' ? resolve() : heard.push(what)));
    });
    await subscriber.subscribe(REDIS_KEYS.notify);
    const assignment = { runId: 'r', incarnation: 1, coldStart: true };
    const both = new Map([
      ['a', assignment],
      ['b', assignment],
    ]);
    await board.writeAssignments(both);
    await board.writeAssignments(both);
    await board.writeAssignments(new Map([['b', { ...assignment, coldStart: false }]]));
    expect(Object.keys(await test.commands.hgetall(REDIS_KEYS.assignments))).toEqual(['b']);
    const plan = { runId: 'r' } as RunPlan;
    await board.writePlan(plan);
    expect(await board.heldPlan('r')).toBe(planText(plan));
    await board.removePlan('r');
    await board.removePlan('r');
    await test.commands.publish(REDIS_KEYS.notify, 'end');
    await end;
    expect(heard).toEqual(['assignments', 'assignments', 'plan', 'plan']);
  });
});

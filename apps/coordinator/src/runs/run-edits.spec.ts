import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { problemSchema, runViewSchema, type RunView } from '#contracts';
import { runRecord } from '../testing/run-record.js';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';
import { edited } from './run-edits.js';
import { reduceRun } from './run-reducer.js';

jest.setTimeout(30_000);

describe('an edited record', () => {
  it('says in words what changed, and is the same object where nothing did', () => {
    const record = runRecord({ tags: ['a'], notes: 'first' });
    const same = { name: record.spec.name, tags: ['a'], notes: 'first', isArchived: false };
    expect(edited(record, same)).toEqual({ record, lines: [] });
    expect(edited(record, same).record).toBe(record);
    const changes = { name: 'other', tags: ['b', 'a'], notes: '' };
    const { record: after, lines } = edited(record, changes);
    expect(lines).toEqual(['renamed from small to other', 'tags: b, a', 'notes removed']);
    expect(after).toEqual({ ...record, spec: { ...record.spec, name: 'other' }, tags: ['b', 'a'], notes: '' });
  });

  it('is archived only once its run is over, and an edit changes nothing else of a run that is over', () => {
    const changes = { isArchived: true, tags: ['x'] };
    expect(edited(runRecord({ state: 'paused' }), changes).record.isArchived).toBe(false);
    const failed = runRecord({ state: 'failed', reason: 'not finite' });
    const { record, journal } = reduceRun(failed, { kind: 'edited', at: 5, changes });
    expect(record).toEqual({ ...failed, isArchived: true, tags: ['x'] });
    expect(journal.map(({ topic, message }) => [topic, message])).toEqual([
      ['edited', 'tags: x'],
      ['edited', 'archived'],
    ]);
  });
});

describe('PATCH /v1/runs/:id', () => {
  let stack: TestStack;
  stackForEach(async (opened) => {
    stack = opened;
    // Nobody is lost here, also where the machine stalls for a second.
    await stack.start({}, { durations: { workerTtlMs: 15_000 } });
  });

  const patch = (id: string, body: unknown): Promise<Response> => stack.send('PATCH', `/v1/runs/${id}`, body);
  const patched = async (id: string, body: unknown): Promise<RunView> => {
    const response = await patch(id, body);
    expect(response.status).toBe(200);
    return runViewSchema.parse(await response.json());
  };
  const journal = async (id: string): Promise<string[]> =>
    (await readFile(join(stack.directory, 'data', 'runs', id, 'journal.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { topic: string; message: string })
      .flatMap(({ topic, message }) => (topic === 'edited' ? [message] : []));

  it('changes a run that trains, which goes on to the same end', async () => {
    const undisturbed = await stack.submit();
    await stack.fleet.add('w1');
    const { weightsSha256 } = await until(
      () => stack.run(undisturbed.id),
      ({ state }) => state === 'finished',
    );
    stack.fleet.untilRound = 4;
    const { id } = await stack.submit();
    await until(
      () => stack.run(id),
      ({ progress }) => progress.step > 0,
    );
    const notes = '# Why\n\nA *second* try, with “quotes”.';
    const changed = await patched(id, { name: 'renamed', tags: ['baseline', 'lr:0.1'], notes });
    expect(changed).toMatchObject({ spec: { name: 'renamed' }, tags: ['baseline', 'lr:0.1'], notes, state: 'running' });
    stack.fleet.untilRound = Infinity;
    const over = await until(
      () => stack.run(id),
      ({ state }) => state === 'finished',
    );
    expect(over).toMatchObject({ weightsSha256, spec: { name: 'renamed' }, incarnation: 1 });
  });

  it('keeps the changes of a run that is over across a restart, each in the journal once', async () => {
    await stack.fleet.add('w1');
    const { id } = await stack.trained();
    await stack.stop();
    await stack.start();
    await patched(id, { isArchived: true, tags: ['keep'] });
    await patched(id, { isArchived: true, tags: ['keep'] });
    await stack.stop();
    await stack.start();
    expect(await stack.run(id)).toMatchObject({ isArchived: true, tags: ['keep'], state: 'finished' });
    expect(await journal(id)).toEqual(['tags: keep', 'archived']);
    expect(await patched(id, { isArchived: false })).toMatchObject({ isArchived: false });
  });

  it('refuses by naming every fault, and archives no run that is not over', async () => {
    const { id } = await stack.submit();
    const faulty = await patch(id, { name: '', tags: ['a b', 'x,y'], notes: 7, colour: 'red' });
    expect(faulty.status).toBe(400);
    const { errors } = problemSchema.parse(await faulty.json());
    expect(errors?.map(({ path }) => path)).toEqual(expect.arrayContaining(['name', 'tags.0', 'tags.1', 'notes', '']));
    expect((await patch(id, {})).status).toBe(400);
    const early = await patch(id, { isArchived: true, notes: 'x' });
    expect(early.status).toBe(409);
    expect(await early.text()).toContain('cannot be archived: cancel it');
    expect((await stack.run(id)).notes).toBe('');
    expect((await patch('20200101-000000-0000', { notes: 'x' })).status).toBe(404);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { removalSchema, retentionSchema, runViewSchema, type RunView } from '#contracts';
import { recordingIo, type RecordingIo } from '../../apps/cli/src/testing/recording-io.js';
import { runSkiplane } from '../../apps/cli/src/testing/run-skiplane.js';
import { TestStack } from '../../apps/coordinator/src/testing/test-stack.js';
import { until } from '../../apps/coordinator/src/testing/until.js';

jest.setTimeout(60_000);

describe('the commands for the life of a run', () => {
  let stack: TestStack;
  let run: RunView;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start({ retention: [{ state: 'failed', afterMs: 86_400_000 }] });
    await stack.fleet.add('w1');
    run = await stack.trained();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const skiplane = (words: readonly string[], io?: RecordingIo): Promise<RecordingIo> =>
    runSkiplane([...words, '--url', stack.url], io === undefined ? {} : { io });
  const done = async (words: readonly string[], io?: RecordingIo): Promise<string> => {
    const ended = await skiplane(words, io);
    expect([words, ended.exitCode(), ended.errLines.filter((line) => line.startsWith('skiplane:'))]).toEqual([
      words,
      0,
      [],
    ]);
    return ended.outLines.join('\n');
  };
  const cancelled = async (): Promise<string> => {
    stack.fleet.untilRound = 0;
    const { id } = await stack.submit();
    await stack.post(`/v1/runs/${id}/cancel`);
    stack.fleet.untilRound = Infinity;
    return id;
  };

  it('rename, tag, annotate and archive a run', async () => {
    const { id } = run;
    expect(await done(['rename', id, 'the baseline'])).toBe(`run ${id} is called the baseline`);
    expect(await done(['tag', id])).toBe('no tags');
    expect(await done(['tag', id, 'a', 'b', 'a'])).toBe('a b');
    expect(await done(['tag', id, 'c', '--remove', 'a', 'nothing'])).toBe('b c');
    await done(['note', id, 'First.']);
    await done(['note', id, '--append', '-'], recordingIo('Second.\n'));
    expect(await done(['note', id])).toBe('First.\n\nSecond.');
    expect(await done(['archive', id])).toBe(`run ${id} is archived`);
    expect(await stack.run(id)).toMatchObject({ spec: { name: 'the baseline' }, tags: ['b', 'c'], isArchived: true });
    await done(['unarchive', id]);
    expect((await stack.run(id)).isArchived).toBe(false);
    const faulty = await skiplane(['tag', id, 'a b', '--json']);
    expect([faulty.exitCode(), faulty.errLines.join('\n')]).toEqual([2, expect.stringContaining('tags.2')]);
  });

  it('clone a run with changes, each field by its path', async () => {
    const settings = ['--set', 'optimizer.learningRate=0.05', '--set', 'optimizer.momentum=null', '--set', 'epochs=1'];
    const made = runViewSchema.parse(
      JSON.parse(await done(['clone', run.id, ...settings, '--name', 'slower', '--json'])),
    );
    expect(made).toMatchObject({
      origin: { runId: run.id, step: null },
      spec: { name: 'slower', epochs: 1, optimizer: { learningRate: 0.05, momentum: 0.9 } },
    });
    const refused = await skiplane(['clone', run.id, '--set', 'epochs=0', '--set', 'seed=-1']);
    expect(refused.exitCode()).toBe(2);
    expect(refused.errLines.join('\n')).toMatch(/changes\.epochs[\s\S]*changes\.seed/);
    expect((await skiplane(['clone', run.id, '--set', 'epochs'])).exitCode()).toBe(2);
  });

  it('delete nothing unless they are told to', async () => {
    const id = await cancelled();
    const isThere = async (): Promise<boolean> => (await fetch(`${stack.url}/v1/runs/${id}`)).status === 200;
    const dry = await skiplane(['rm', id, '--dry-run', '--json']);
    const { removals } = JSON.parse(dry.outLines.join('')) as { removals: unknown[] };
    expect(removals.map((one) => removalSchema.parse(one).id)).toEqual([id]);
    const unasked = await skiplane(['rm', id]);
    expect([unasked.exitCode(), unasked.errLines.join('\n')]).toEqual([2, expect.stringContaining('--yes')]);
    expect((await skiplane(['rm', id], recordingIo('', false))).exitCode()).toBe(2);
    expect(await isThere()).toBe(true);
    const asked = await skiplane(['rm', id], recordingIo('', true));
    expect([asked.exitCode(), asked.outLines.join('')]).toEqual([0, expect.stringMatching(/^1 deleted, .* freed$/)]);
    expect(await isThere()).toBe(false);
    expect(existsSync(join(stack.directory, 'data', 'runs', id))).toBe(false);
  });

  it('delete by state, but nothing that is tagged keep or archived; what is in the way is told and keeps no other', async () => {
    const [old, kept, archived] = [await cancelled(), await cancelled(), await cancelled()];
    await done(['tag', kept, 'keep']);
    await done(['archive', archived]);
    expect(await done(['rm', '--state', 'cancelled', '--older-than', '1d', '--yes'])).toBe('no run matches');
    expect((await skiplane(['rm', old, '--state', 'cancelled'])).exitCode()).toBe(2);
    expect((await skiplane(['rm', '--older-than', '1d'])).exitCode()).toBe(2);
    expect(await done(['rm', '--state', 'cancelled', '--yes'])).toMatch(/^1 deleted/);
    expect([(await stack.run(kept)).state, (await stack.run(archived)).state]).toEqual(['cancelled', 'cancelled']);
    stack.fleet.untilRound = 0;
    const running = await stack.submit();
    const mixed = await skiplane(['rm', running.id, kept, '--yes', '--json']);
    stack.fleet.untilRound = Infinity;
    expect(mixed.exitCode()).toBe(5);
    expect(JSON.parse(mixed.outLines.join(''))).toMatchObject({
      removed: [{ id: kept }],
      refused: [{ id: running.id }],
    });
    expect((await skiplane(['rm', old, '--yes'])).exitCode()).toBe(5);
  });

  it('delete a study with its runs', async () => {
    const { name: _, ...base } = stack.spec();
    const body = { name: 's', base, axes: [{ name: 'rate', values: [1, 2] }] };
    const { id } = (await (await stack.post('/v1/studies', body)).json()) as { id: string };
    expect((await skiplane(['studies', 'rm', id, '--yes'])).exitCode()).toBe(5);
    await done(['studies', 'cancel', id]);
    const text = await until(
      () => skiplane(['studies', 'rm', id, '--yes']),
      (io) => io.exitCode() === 0,
    );
    expect(text.outLines.join('')).toMatch(/^1 deleted/);
    expect((await skiplane(['studies', 'show', id])).exitCode()).toBe(5);
  });

  it('show what the retention deletes', async () => {
    expect(await done(['retention'])).toBe('deleted: failed after 1 d 0 h\nno run is waiting to be deleted');
    expect(retentionSchema.parse(JSON.parse(await done(['retention', '--json']))).rules).toHaveLength(1);
  });
});

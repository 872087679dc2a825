import { appendFile, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LockLostError } from '#files';
import { silentLogger } from '#telemetry';
import { RunRegistry } from '../runs/run-registry.js';
import { runView } from '../runs/run-view.js';
import { runRecord } from '../testing/run-record.js';
import { lockDataFolder } from './data-folder.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-record-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('lockDataFolder', () => {
  it('is refused while another process lives that holds it, in words that say what to do', async () => {
    const lock = await lockDataFolder(directory);
    const path = join(directory, 'coordinator.lock');
    const [text, parent] = [await readFile(path, 'utf8'), await readFile(`/proc/${process.ppid}/stat`, 'utf8')];
    await lock.release();
    const startTime = parent.slice(parent.lastIndexOf(')') + 2).split(' ')[19];
    await writeFile(path, JSON.stringify({ ...(JSON.parse(text) as object), pid: process.ppid, startTime }));
    await expect(lockDataFolder(directory)).rejects.toThrow(
      /^another coordinator \(process \d+ on .+\) works on .+: stop it, or set SKIPLANE_DATA_DIR/,
    );
  });

  it('is taken over from a coordinator of this process that was never stopped', async () => {
    const first = await lockDataFolder(directory);
    const second = await lockDataFolder(directory);
    await expect(first.confirm()).rejects.toThrow(LockLostError);
    await first.release();
    await second.confirm();
    await second.release();
  });
});

describe('RunRegistry', () => {
  const { spec, dataset } = runRecord();
  const open = (now = 1): Promise<RunRegistry> => RunRegistry.open(directory, () => now, silentLogger());

  it('reads back what a crash left, torn lines and all', async () => {
    const registry = await open();
    const run = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: 'key' });
    await run.dispatch({ kind: 'cancel-requested', at: 2 });
    await run.sync();
    await appendFile(join(directory, 'runs', run.id, 'journal.jsonl'), '{"id":3,"at"');
    const logger = silentLogger();
    const told = jest.spyOn(logger, 'warn');
    const again = await RunRegistry.open(directory, () => 1, logger);
    const held = await again.findTraining(run.id);
    expect(held?.record).toEqual(run.record);
    expect((await held?.detail.eventsAfter(0))?.map(({ topic }) => topic)).toEqual(['submitted', 'cancelled']);
    expect(told.mock.calls).toEqual([
      [expect.objectContaining({ run: run.id, file: 'journal.jsonl', lines: 1 }), expect.any(String)],
    ]);
    expect((await again.findRunByKey('key', spec))?.id).toBe(run.id);
    expect(held && runView(held, [], 1)).toMatchObject({ state: 'cancelled', progress: { step: 0, totalSteps: 6 } });
    await registry.close();
    await again.close();
  });

  it('takes in what is reported of a run that is over, however late', async () => {
    const registry = await open();
    const run = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    await run.dispatch({ kind: 'cancel-requested', at: 2 });
    await run.settle();
    const evaluation = { epoch: 0, step: 3, at: 3, loss: 1, accuracy: 0.5, samples: 4 };
    const settled = run.settle();
    await run.commit({ kind: 'evaluation', runId: run.id, incarnation: 1, workerId: 'w', evaluation });
    await settled;
    expect(run.loadedDetail?.training.evaluations).toEqual([evaluation]);
    await run.settle();
    expect(run.loadedDetail).toBeUndefined();
    await registry.close();
    const again = await open();
    const reread = await again.findTraining(run.id);
    expect(await reread?.detail.ask(({ training }) => training.evaluations)).toEqual([evaluation]);
    expect(reread?.record.summary?.progress).toEqual(run.record.summary?.progress);
    await again.close();
  });

  it('lets nothing happen to a run that it could not write down', async () => {
    const registry = await open();
    const run = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    const path = join(directory, 'runs', run.id);
    // A folder in the place of the temporary file: no record can be written.
    await mkdir(join(path, `.run.json.${process.pid}.tmp`));
    await expect(run.dispatch({ kind: 'pause-requested', at: 2 })).rejects.toThrow(/EISDIR/);
    expect(run.record.state).toBe('pending');
    expect(run.loadedDetail?.journal.newest.map(({ topic }) => topic)).toEqual(['submitted']);
    await rm(join(path, `.run.json.${process.pid}.tmp`), { recursive: true });
    expect(await run.dispatch({ kind: 'pause-requested', at: 3 })).toBe(true);
    expect((await open()).loaded(run.id)?.record.state).toBe('paused');
    await registry.close();
  });

  it('leaves a record alone that it cannot read, and serves the others', async () => {
    const registry = await open();
    const good = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    const bad = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    await registry.close();
    const path = join(directory, 'runs', bad.id, 'run.json');
    await writeFile(path, '{"version":2}');
    const again = await open();
    expect(again.trainings().map(({ id }) => id)).toEqual([good.id]);
    expect(await readFile(path, 'utf8')).toBe('{"version":2}');
    await again.close();
  });

  describe('of runs that are over', () => {
    const index = (): string => join(directory, 'runs-index.jsonl');
    /** A registry with a cancelled run and the one that was submitted under `key`. */
    async function withEnded(key: string): Promise<string> {
      const registry = await open();
      const run = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: key });
      await run.dispatch({ kind: 'cancel-requested', at: 2 });
      await registry.close();
      return run.id;
    }

    it('holds an entry in memory, and finds each by its id and its key after a restart', async () => {
      const id = await withEnded('key');
      const again = await open();
      expect([again.allLoaded(), again.trainings()]).toMatchObject([[], [{ id, state: 'cancelled' }]]);
      expect(again.numByState().get('cancelled')).toBe(1);
      const [first, second] = await Promise.all([again.find(id), again.findRunByKey('key', spec)]);
      expect(first?.record.state).toBe('cancelled');
      expect(second).toBe(first);
      await expect(again.findRunByKey('key', { ...spec, seed: 9 })).rejects.toThrow(/has another spec/);
      expect(await again.find('nobody')).toBeUndefined();
      await again.close();
    });

    it('reads no run.json whose entry is in the index', async () => {
      const id = await withEnded('key');
      const path = join(directory, 'runs', id, 'run.json');
      const { atime, mtime, size } = await stat(path);
      await writeFile(path, 'x'.repeat(size));
      await utimes(path, atime, mtime);
      // The times that can be set are those of a Date: the entry is of the file as it is now.
      const line = JSON.parse((await readFile(index(), 'utf8')).trimEnd().split('\n').at(-1) ?? '') as object;
      await writeFile(index(), `${JSON.stringify({ ...line, mtimeMs: (await stat(path)).mtimeMs })}\n`);
      const again = await open();
      expect(again.trainings()).toMatchObject([{ id, state: 'cancelled' }]);
      expect(again.unreadable.list()).toEqual([]);
      // Who asks for the run hears what is wrong with its record.
      await expect(again.find(id)).rejects.toThrow(`run ${id}: run.json is cut off or damaged`);
      await again.close();
    });

    it('reads run.json anew where it has changed, and where the index is damaged or away', async () => {
      const id = await withEnded('key');
      const path = join(directory, 'runs', id, 'run.json');
      const nameOf = async (): Promise<unknown> => {
        const again = await open();
        const [run] = again.trainings();
        await again.close();
        return run !== undefined && 'summary' in run ? run.summary.name : undefined;
      };
      await writeFile(path, (await readFile(path, 'utf8')).replace('"small"', '"other"'));
      expect(await nameOf()).toBe('other');
      const text = await readFile(index(), 'utf8');
      for (const damaged of [text.replaceAll('other', 'wrong'), text.slice(0, text.length / 2), '\0\0\n[]\n', '']) {
        await writeFile(index(), damaged);
        expect([damaged.slice(0, 20), await nameOf()]).toEqual([damaged.slice(0, 20), 'other']);
      }
      await rm(index());
      await mkdir(index());
      expect(await nameOf()).toBe('other');
      expect((await stat(index())).isFile()).toBe(true);
    });
  });

  it('knows which run is the oldest, also of one millisecond', async () => {
    const registry = await open();
    const first = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    const second = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    expect(registry.unfinished().map(({ id }) => id)).toEqual([first.id, second.id]);
    await registry.close();
  });
});

import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorCode, JsonLinesFile, readJsonLines, writeFileAtomically } from '#files';
import { silentLogger } from '#telemetry';
import { SmallDisk } from '../../../../test/small-disk.js';
import { RunRegistry } from '../runs/run-registry.js';
import { runView } from '../runs/run-view.js';
import { runRecord } from '../testing/run-record.js';
import { DataLock, DataLockLostError } from './data-lock.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-record-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('JsonLinesFile', () => {
  const lines = async (path: string): Promise<unknown[]> => {
    const values: unknown[] = [];
    await readJsonLines(path, (value) => values.push(value));
    return values;
  };

  it('takes a line away that a crash cut short, and goes on after it', async () => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, '{"n":1}\n{"n":2}\n{"n":');
    const file = new JsonLinesFile(path);
    file.append([{ n: 3 }]);
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });

  it('empties a file that holds nothing but a torn line, however long', async () => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, 'x'.repeat(200_000));
    const file = new JsonLinesFile(path);
    file.append([1]);
    await file.close();
    expect(await lines(path)).toEqual([1]);
  });

  it('reads round a line that is no JSON, and a file that is not there', async () => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, '1\n\u0000\u0000\n2\n{"torn":');
    expect(await lines(path)).toEqual([1, 2]);
    expect(await lines(join(directory, 'none'))).toEqual([]);
  });
});

describe('on a disk that is full', () => {
  it('a file of lines loses, tears and doubles none', async () => {
    using disk = SmallDisk.mount('128k');
    if (disk === undefined) return;
    const path = join(disk.folder, 'a.jsonl');
    const file = new JsonLinesFile(path);
    const line = (n: number): { readonly n: number; readonly text: string } => ({ n, text: 'x'.repeat(700) });
    file.append([line(0)]);
    await file.sync();
    // Many at once: the disk takes some of them and a part of the next.
    for (let n = 1; n < 300; n += 100) {
      file.append(Array.from({ length: 100 }, (_, index) => line(n + index)));
      await file.sync().catch((error: unknown) => expect(errorCode(error)).toBe('ENOSPC'));
    }
    expect(file.unsaved).toBeGreaterThan(100_000);
    await expect(file.close()).rejects.toThrow(/ENOSPC/);
    execFileSync('mount', ['-o', 'remount,size=1m', disk.folder]);
    file.append([line(301)]);
    await file.close();
    expect(file.unsaved).toBe(0);
    const expected = Array.from({ length: 302 }, (_, n) => JSON.stringify(line(n)));
    expect((await readFile(path, 'utf8')).split('\n')).toEqual([...expected, '']);
  });

  it('a file that is to be replaced stays as it was, with nothing beside it', async () => {
    using disk = SmallDisk.mount('64k');
    if (disk === undefined) return;
    const path = join(disk.folder, 'run.json');
    await writeFileAtomically(path, 'old');
    await expect(writeFileAtomically(path, 'x'.repeat(100_000))).rejects.toThrow(/ENOSPC/);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(disk.folder)).toEqual(['run.json']);
  });
});

describe('writeFileAtomically', () => {
  it('leaves the new content and nothing beside it', async () => {
    const path = join(directory, 'run.json');
    await writeFileAtomically(path, 'old');
    await writeFileAtomically(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(directory)).toEqual(['run.json']);
  });
});

describe('DataLock', () => {
  const path = (): string => join(directory, 'coordinator.lock');
  /** What stands in the lock of this process, but for the changes. */
  async function holder(changes: Readonly<Record<string, unknown>>): Promise<string> {
    const lock = await DataLock.take(directory);
    const text = await readFile(path(), 'utf8');
    await lock.release();
    return JSON.stringify({ ...(JSON.parse(text) as object), ...changes });
  }
  const startOf = async (pid: number): Promise<string | undefined> => {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  };

  it('takes over the lock of a dead process, and of one whose id another process has now', async () => {
    const dead = await holder({ pid: 4_194_304 });
    const reused = await holder({ pid: process.ppid, startTime: '1' });
    for (const stale of [dead, reused, 'rubbish', '']) {
      await writeFile(path(), stale);
      const lock = await DataLock.take(directory);
      expect(JSON.parse(await readFile(path(), 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
    }
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused while another process lives that holds it', async () => {
    await writeFile(path(), await holder({ pid: process.ppid, startTime: await startOf(process.ppid) }));
    await expect(DataLock.take(directory)).rejects.toThrow(
      /^another coordinator \(process \d+ on .+\) works on .+: stop it, or set SKIPLANE_DATA_DIR/,
    );
  });

  it('cannot see a process of another container, and goes by whether it touches the lock', async () => {
    const elsewhere = await holder({ pidNamespace: 'pid:[1]', host: 'elsewhere' });
    await writeFile(path(), elsewhere);
    const touching = setInterval(() => void utimes(path(), new Date(), new Date()), 50);
    try {
      await expect(DataLock.take(directory)).rejects.toThrow(/process \d+ on elsewhere/);
    } finally {
      clearInterval(touching);
    }
    const lock = await DataLock.take(directory, { watchMs: 500 });
    await lock.confirm();
    await lock.release();
  });

  it('believes a holder whose clock is behind that of the file system', async () => {
    await writeFile(path(), await holder({ pidNamespace: 'pid:[1]', host: 'elsewhere' }));
    const hourAgo = (): Date => new Date(Date.now() - 3_600_000);
    const touching = setInterval(() => void utimes(path(), hourAgo(), hourAgo()), 50);
    try {
      await expect(DataLock.take(directory, { watchMs: 1_000 })).rejects.toThrow(/process \d+ on elsewhere/);
    } finally {
      clearInterval(touching);
    }
  });

  it('touches it while it is held', async () => {
    const lock = await DataLock.take(directory);
    const { mtimeMs } = await stat(path());
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await stat(path())).mtimeMs).toBeGreaterThan(mtimeMs);
    await lock.release();
  });

  it('notices that another has it by now, and leaves it to the other', async () => {
    const lock = await DataLock.take(directory);
    await lock.confirm();
    await rm(path());
    await lock.confirm();
    await writeFile(path(), 'of another');
    await expect(lock.confirm()).rejects.toThrow(DataLockLostError);
    await lock.release();
    expect(await readFile(path(), 'utf8')).toBe('of another');
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
    const again = await open();
    const held = again.get(run.id);
    expect(held?.record).toEqual(run.record);
    expect((await held?.detail())?.journal.map(({ topic }) => topic)).toEqual(['submitted', 'cancelled']);
    expect(again.findByKey('key', spec)?.id).toBe(run.id);
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
    expect(run.loadedDetail?.evaluations).toEqual([evaluation]);
    await run.settle();
    expect(run.loadedDetail).toBeUndefined();
    await registry.close();
    const again = await open();
    expect((await again.get(run.id)?.detail())?.evaluations).toEqual([evaluation]);
    expect(again.get(run.id)?.record.summary?.progress).toEqual(run.record.summary?.progress);
    await again.close();
  });

  it('lets nothing happen to a run that it could not write down', async () => {
    const registry = await open();
    const run = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    const path = join(directory, 'runs', run.id);
    // A folder in the place of the temporary file: no record can be written.
    await mkdir(join(path, `run.json.${process.pid}.tmp`));
    await expect(run.dispatch({ kind: 'pause-requested', at: 2 })).rejects.toThrow(/EISDIR/);
    expect(run.record.state).toBe('pending');
    expect(run.loadedDetail?.journal.map(({ topic }) => topic)).toEqual(['submitted']);
    await rm(join(path, `run.json.${process.pid}.tmp`), { recursive: true });
    expect(await run.dispatch({ kind: 'pause-requested', at: 3 })).toBe(true);
    expect((await open()).get(run.id)?.record.state).toBe('paused');
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
    expect(again.list().map(({ id }) => id)).toEqual([good.id]);
    expect(await readFile(path, 'utf8')).toBe('{"version":2}');
    await again.close();
  });

  it('lists the newest first, also of one millisecond', async () => {
    const registry = await open();
    const first = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    const second = await registry.create(registry.nextId(), { spec, dataset, idempotencyKey: undefined });
    expect(registry.list().map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(registry.unfinished().map(({ id }) => id)).toEqual([first.id, second.id]);
    await registry.close();
  });
});

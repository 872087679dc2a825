import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  nextRestartDelay,
  SupervisedProcess,
  type ProcessExit,
  type RunningProcess,
  type UnexpectedExit,
} from './supervised-process.js';

/** A small real process: stays until it is told to stop, or does not listen to SIGTERM at all. */
const IDLE = 'setInterval(() => {}, 1e6); process.stdout.write("up");';
const DEAF = `process.on('SIGTERM', () => {}); ${IDLE}`;

// Real processes, on machines that may be busy.
jest.setTimeout(60_000);

describe('SupervisedProcess', () => {
  const children: ChildProcess[] = [];
  const events = new EventEmitter();
  const exits: UnexpectedExit[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    exits.splice(0);
  });

  const run = async (script: string): Promise<RunningProcess> => {
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const exited = new Promise<ProcessExit>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    // Only once it prints are its signal handlers in place.
    if (script.includes('stdout')) await once(child.stdout, 'data');
    if (child.pid === undefined) throw new Error('not started');
    events.emit('start');
    return { pid: child.pid, exited };
  };
  const supervise = (
    start: (restarts: number) => Promise<RunningProcess>,
    options: { restart?: boolean; restartAfterSuccess?: boolean } = {},
  ): SupervisedProcess =>
    new SupervisedProcess({
      name: 'thing',
      logFile: 'thing.log',
      start,
      restart: options.restart ?? true,
      restartAfterSuccess: options.restartAfterSuccess ?? true,
      delayFor: (previous) => (previous ?? 5) * 2,
      onUnexpectedExit: (exit) => {
        exits.push(exit);
        events.emit('exit');
      },
    });

  it('starts again after SIGKILL, with another pid', async () => {
    const thing = supervise(() => run(IDLE));
    await thing.start();
    const { pid } = thing.view();
    const again = once(events, 'start');
    await thing.kill('SIGKILL');
    await again;
    await new Promise(setImmediate);
    expect(thing.view()).toMatchObject({ restarts: 1 });
    expect(thing.view().pid).not.toBe(pid);
    expect(exits).toMatchObject([{ name: 'thing', reason: 'was ended by SIGKILL', wasKilled: true, restartsInMs: 10 }]);
    await thing.stop(1_000);
    expect(exits).toHaveLength(1);
  });

  it('waits longer from crash to crash, also when it cannot even be started', async () => {
    const thing = supervise((restarts) =>
      restarts === 1 ? Promise.reject(new Error('no memory')) : run('process.exit(3)'),
    );
    await thing.start();
    while (exits.length < 3) await once(events, 'exit');
    await thing.stop(0);
    expect(exits.slice(0, 3)).toMatchObject([
      { name: 'thing', reason: 'ended with code 3', restartsInMs: 10 },
      { name: 'thing', reason: 'could not be started (no memory)', restartsInMs: 20 },
      { name: 'thing', reason: 'ended with code 3', restartsInMs: 40 },
    ]);
  });

  it('stays down without restart, and after success where success means having left', async () => {
    for (const options of [{ restart: false }, { restartAfterSuccess: false }]) {
      const thing = supervise(() => run('process.exit(0)'), options);
      await thing.start();
      await once(events, 'exit');
      expect(exits.at(-1)).toMatchObject({ restartsInMs: null });
      expect(thing.view().pid).toBeNull();
    }
  });

  it('starts again at once what asks for it, without a word, and not at speed', async () => {
    // The second asks too soon: that is a fault like any other.
    const thing = supervise((restarts) => run(`setTimeout(() => process.exit(75), ${restarts === 0 ? 600 : 0})`), {
      restartAfterSuccess: false,
    });
    await thing.start();
    await once(events, 'exit');
    expect(exits).toMatchObject([{ reason: 'ended with code 75', restartsInMs: 10 }]);
    expect(thing.view().restarts).toBe(1);
    await thing.stop(0);
  });

  it('is stopped with SIGKILL when it does not listen', async () => {
    const thing = supervise(() => run(DEAF));
    await thing.start();
    await thing.stop(20);
    expect(children[0]?.signalCode).toBe('SIGKILL');
    expect(exits).toEqual([]);
  });

  it('does not come back when it is stopped while it waits', async () => {
    const thing = supervise(() => run('process.exit(1)'));
    await thing.start();
    await once(events, 'exit');
    await thing.stop(0);
    expect(thing.view()).toMatchObject({ pid: null, restarts: 0 });
  });

  it('throws what the first start throws', async () => {
    await expect(supervise(() => Promise.reject(new Error('no such program'))).start()).rejects.toThrow(
      'no such program',
    );
  });
});

describe('nextRestartDelay', () => {
  it('doubles from 1 s to 30 s and begins again after a minute of running', () => {
    const delays: number[] = [];
    for (let last: number | undefined; delays.length < 7; last = delays.at(-1))
      delays.push(nextRestartDelay(last, 100));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(nextRestartDelay(30_000, 60_000)).toBe(1_000);
  });
});

import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallDisk } from '../../../../test/support/small-disk.js';
import { LogRotation } from './log-rotation.js';
import { readStackConfig } from './stack-config.js';

const LIMITS = { maxBytes: 1_000, numKept: 3 };

describe('the logs of a stack', () => {
  let folder: string;
  /** As the child holds it: open for appending for as long as it lives. */
  let child: number;
  let rotation: LogRotation;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skiplane-logs-'));
    child = openSync(join(folder, 'worker-1.log'), 'a');
    rotation = new LogRotation(folder, LIMITS, 60_000);
  });
  afterEach(async () => {
    await rotation.stop();
    closeSync(child);
    rmSync(folder, { recursive: true, force: true });
  });

  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const block = (letter: string): string => `${letter.repeat(1_500)}\n`;

  it('stay below their limit while the process goes on appending, the newest three are kept', async () => {
    for (const letter of ['a', 'b', 'c', 'd', 'e']) {
      writeSync(child, block(letter));
      await rotation.look();
    }
    writeSync(child, 'short\n');
    await rotation.look();
    expect(readdirSync(folder).sort()).toEqual(['worker-1.log', 'worker-1.log.1', 'worker-1.log.2', 'worker-1.log.3']);
    const [now, ...before] = ['', '.1', '.2', '.3'].map((suffix) => read(`worker-1.log${suffix}`));
    expect(now).toBe('short\n');
    expect(before).toEqual(['e', 'd', 'c'].map(block));
  });

  it('are left where they are while the disk has no room, and rotate when it has', async () => {
    using disk = SmallDisk.mount('512k');
    if (disk === undefined) return;
    const log = join(disk.folder, 'redis.log');
    const writer = openSync(log, 'a');
    const onDisk = new LogRotation(disk.folder, { maxBytes: 100_000, numKept: 1 }, 60_000);
    try {
      const text = 'x'.repeat(150_000);
      writeSync(writer, text);
      disk.fill();
      await onDisk.look();
      expect(readFileSync(log, 'utf8')).toBe(text);
      expect(readdirSync(disk.folder).sort()).toEqual(['ballast', 'redis.log']);
      disk.free();
      await onDisk.look();
      expect(statSync(log).size).toBe(0);
      expect(readFileSync(`${log}.1`, 'utf8')).toBe(text);
    } finally {
      await onDisk.stop();
      closeSync(writer);
    }
  });

  it('have limits from the environment, which are refused by name', () => {
    const { logLimits } = readStackConfig({ SKIPLANE_LOG_MAX_MIB: '2', SKIPLANE_LOG_KEEP: '5' });
    expect(logLimits).toEqual({ maxBytes: 2 * 2 ** 20, numKept: 5 });
    expect(readStackConfig({}).logLimits).toEqual({ maxBytes: 20 * 2 ** 20, numKept: 3 });
    const faultsOf = (env: Record<string, string>): unknown => {
      try {
        return readStackConfig(env);
      } catch (error) {
        return error;
      }
    };
    expect(faultsOf({ SKIPLANE_LOG_MAX_MIB: '0', SKIPLANE_LOG_KEEP: 'all' })).toMatchObject({
      faults: [{ path: 'SKIPLANE_LOG_MAX_MIB' }, { path: 'SKIPLANE_LOG_KEEP' }],
    });
  });
});

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SmallDisk } from '../../../test/support/small-disk.js';

/** Logs as many lines of 1 kB as it is told to, and says when it is through. */
const PROGRAM = `
import { createLogger } from '#telemetry';
const logger = createLogger({ service: 'talker' });
let line = 0;
process.on('message', (numLines) => {
  for (let i = 0; i < numLines; i += 1) logger.info({ line: line++, padding: 'x'.repeat(900) });
  process.send(line);
});
process.on('disconnect', () => process.exit(7));
`;

const lineSchema = z.object({
  line: z.number().optional(),
  event: z.string().optional(),
  numLost: z.number().optional(),
});

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skiplane-log-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(stdout: number | 'pipe'): ChildProcess {
  const args = ['--input-type=module', '-e', PROGRAM];
  return (child = spawn(process.execPath, args, { stdio: ['ignore', stdout, 'inherit', 'ipc'] }));
}

/** Resolves with how many lines the program believes to have written. */
async function log(talker: ChildProcess, numLines: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    talker.once('message', (line) => resolve(Number(line)));
    talker.once('exit', (code, signal) => reject(new Error(`it ended: ${code ?? signal}`)));
    talker.send(numLines);
  });
}

async function endOf(talker: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => talker.once('exit', resolve));
  talker.disconnect();
  return await ended;
}

/** Every line is whole, and those that are there and those said to be lost are all that there were. */
function expectAccountedFor(text: string, numLogged: number): { readonly numLost: number } {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
  const numLost = lines.reduce((sum, line) => sum + (line.numLost ?? 0), 0);
  const written = lines.flatMap(({ line }) => line ?? []);
  expect(written).toEqual([...written].sort((left, right) => left - right));
  expect(written.length + numLost).toBe(numLogged);
  return { numLost };
}

describe('a log that cannot be written', () => {
  it('because its disk is full, neither stops nor ends the process; a line says what is missing', async () => {
    using disk = SmallDisk.mount('256k');
    if (disk === undefined) return;
    const file = join(disk.folder, 'talker.log');
    const fd = openSync(file, 'a');
    const talker = start(fd);
    closeSync(fd);
    await log(talker, 20);
    disk.fill();
    await log(talker, 500);
    disk.free();
    const numLogged = await log(talker, 20);
    const { numLost } = expectAccountedFor(readFileSync(file, 'utf8'), numLogged);
    expect(numLost).toBeGreaterThan(400);
    expect(await endOf(talker)).toBe(7);
  });

  it('because nobody reads the pipe, goes on when somebody does', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = openSync(fifo, 'r+');
    const talker = start(reader);
    await log(talker, 500);
    const cat = spawn('cat', { stdio: [reader, 'pipe', 'inherit'] });
    let text = '';
    cat.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
    try {
      let numLogged = 500;
      const deadline = Date.now() + 5_000;
      while (!text.includes('log-lines-lost') && Date.now() < deadline) numLogged = await log(talker, 1);
      await expect(endOf(talker)).resolves.toBe(7);
      while (!text.includes(`"line":${numLogged - 1},`) && Date.now() < deadline) await new Promise(setImmediate);
      expect(expectAccountedFor(text, numLogged).numLost).toBeGreaterThan(300);
    } finally {
      cat.kill();
      closeSync(reader);
    }
  });

  it('because its reader is gone, is dropped', async () => {
    const talker = start('pipe');
    await log(talker, 1);
    const closed = new Promise((resolve) => talker.stdout?.once('close', resolve));
    talker.stdout?.destroy();
    await closed;
    expect(await log(talker, 100)).toBe(101);
    expect(await endOf(talker)).toBe(7);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { watchedCommand } from './watched-command.js';

/** Starts what it is given, tells its pid and waits. */
const PARENT = `
const { file, args } = JSON.parse(process.argv[1]);
const child = require('node:child_process').spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] });
console.log(child.pid);
setInterval(() => undefined, 1000);
`;

it('ends a program whose parent was killed', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT, JSON.stringify(watchedCommand('sleep', ['600']))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const place = `/proc/${line}`;
  expect(existsSync(place)).toBe(true);
  parent.kill('SIGKILL');
  for (let tries = 0; tries < 200 && existsSync(place); tries += 1) await delay(50);
  expect(existsSync(place)).toBe(false);
});

it('has the pid, the output and the exit code of the program, and ends with it', async () => {
  const { file, args } = watchedCommand('sh', ['-c', 'echo $$; exit 7']);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.once('exit', () => child.stdin.destroy());
  const closed = once(child, 'close');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  expect([Number(line), (await closed)[0]]).toEqual([child.pid, 7]);
});

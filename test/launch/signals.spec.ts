import { describe, expect, it, jest } from '@jest/globals';
import { LaunchedStack, LAUNCHERS } from './launched-stack.js';

// Whole stacks of real processes, on machines that may be busy.
jest.setTimeout(180_000);

type Target = 'process' | 'group';
const CASES: readonly (readonly [keyof typeof LAUNCHERS, NodeJS.Signals, Target])[] = [
  // As docker, systemd and a supervisor end it.
  ['npm start', 'SIGTERM', 'process'],
  ['skiplane.mjs up', 'SIGTERM', 'process'],
  ['npx skiplane up', 'SIGTERM', 'process'],
  // Ctrl-C, which under npm comes twice, and a terminal that is closed.
  ['npm start', 'SIGINT', 'group'],
  ['skiplane.mjs up', 'SIGHUP', 'group'],
  ['npm start', 'SIGHUP', 'process'],
  // Nobody passes these on.
  ['npm start', 'SIGKILL', 'process'],
  ['npx skiplane up', 'SIGKILL', 'process'],
];

describe('a stack ends with what started it', () => {
  it.each(CASES)('%s, ended by %s to the %s', async (launcher, signal, target) => {
    await using stack = await LaunchedStack.start({
      command: LAUNCHERS[launcher],
      args: ['--workers', '1', '--parameter-servers', '1'],
    });
    expect(stack.pids).toHaveLength(4);
    const { pid } = stack.launched;
    process.kill(target === 'group' ? -pid : pid, signal);
    const { code } = await stack.launched.ended;
    await stack.gone();
    // In order: one who is asked closes what it has open, and one who is told twice is not cut off.
    expect(stack.text).toContain('stopping');
    expect(stack.log('coordinator')).toContain('"stopping"');
    // npx itself ends as soon as it is told; npm waits for what it started.
    if (signal !== 'SIGKILL' && launcher === 'skiplane.mjs up') expect(code).toBe(0);
    if (signal === 'SIGTERM' && launcher === 'npm start') expect(code).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { CommandError, runCommand } from './run-command.js';

describe('runCommand', () => {
  it('gives the output of a program', async () => {
    expect(await runCommand('/bin/sh', ['-c', 'echo yes'], { timeoutMs: 10_000 })).toBe('yes\n');
  });

  it('ends a program that takes too long, also one that ignores SIGTERM', async () => {
    const deaf = runCommand('/bin/sh', ['-c', "trap '' TERM; echo begun; while :; do sleep 1; done"], {
      timeoutMs: 200,
    });
    await expect(deaf).rejects.toThrow('/bin/sh took longer than 0.2 s');
    await expect(deaf).rejects.toMatchObject({ tail: 'begun\n' });
  });

  it('does not wait for what SIGKILL does not reach', async () => {
    // It keeps the output open from a session of its own, as a process does that is stuck in the kernel.
    const stuck = runCommand('/bin/sh', ['-c', 'setsid sleep 5 & exec sleep 5'], { timeoutMs: 100 });
    await expect(stuck).rejects.toThrow(CommandError);
    await expect(stuck).rejects.toThrow('took longer than 0.1 s and cannot be ended');
  });
});

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { describeFailure } from './failure.js';
import { printNote, printResult } from '../output/print-line.js';

afterEach(() => void jest.restoreAllMocks());

describe('what a command says', () => {
  it('keeps the lines of a message, and shows what would command the terminal', () => {
    const { text } = describeFailure(new Error('it ended. The end of a.log:\n  line \u001b[2J\n  last'));
    expect(text).toBe('it ended. The end of a.log:\n  line \\x1b[2J\n  last');
  });

  it('tells a fault once, by the message or on a line of its own', () => {
    const faults = [
      { path: 'PORT', message: 'must be a number' },
      { path: 'na\u0007me', message: 'is\ntwo' },
    ];
    const { text } = describeFailure(new RefusedInputError('refused: PORT must be a number', faults));
    expect(text).toBe('refused: PORT must be a number\n  na\\x07me: is\n    two');
  });

  it('passes nothing on to the terminal that a name or an address brings along', () => {
    const written: string[] = [];
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    jest.spyOn(process.stdout, 'write').mockImplementation(write);
    jest.spyOn(process.stderr, 'write').mockImplementation(write);
    printResult('run \u001b]0;title\u0007');
    printNote('lost redis://me:secret@host\u009b31m');
    expect(written).toEqual(['run \\x1b]0;title\\x07\n', 'lost redis://me:***@host\\u009b31m\n']);
  });
});

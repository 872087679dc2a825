import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { skiplaneProgram } from './program.js';

class Exited extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** The code that the process ends with. */
async function codeOf(...args: string[]): Promise<number> {
  const exit = (code: number): never => {
    throw new Exited(code);
  };
  try {
    await skiplaneProgram({ version: '1.2.3', description: 'x', exit }).parseAsync(['node', 'skiplane', ...args]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof Exited) return error.code;
    throw error;
  } finally {
    process.exitCode = undefined;
  }
}

describe('the command line', () => {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => {
    written.push(String(text));
    return true;
  };
  beforeEach(() => {
    written.length = 0;
    jest.spyOn(process.stderr, 'write').mockImplementation(write);
    jest.spyOn(process.stdout, 'write').mockImplementation(write);
    jest.spyOn(console, 'error').mockImplementation((line: unknown) => void write(String(line)));
  });
  afterEach(() => void jest.restoreAllMocks());

  it.each([
    ['no command', []],
    ['an unknown command', ['modelz']],
    ['a group without its command', ['data']],
    ['an unknown command of a group', ['studies', 'foo']],
    ['a choice that is none', ['models', 'resnet20', '--shortcut', 'D']],
    ['a number that is none', ['models', 'resnet20', '--num-classes', 'ten']],
    ['a missing argument', ['data', 'inspect']],
    ['an unknown flag', ['recipes', '--turbo']],
  ])('ends with 2 for %s', async (_, args) => {
    expect(await codeOf(...args)).toBe(2);
  });

  it.each([[['--help']], [['--version']], [['models', '--help']], [['help', 'data']]])(
    'ends with 0 for %j',
    async (args) => {
      expect(await codeOf(...args)).toBe(0);
    },
  );

  it('says what is wrong as JSON where JSON is asked for', async () => {
    expect(await codeOf('models', 'resnet21', 'foo', '--json')).toBe(2);
    const { faults } = JSON.parse(written.join('')) as { faults: readonly { message: string }[] };
    expect(faults.map(({ message }) => message.split(' ')[0])).toEqual(['resnet21', 'foo']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { runSkiplane } from './testing/run-skiplane.js';

/** The code that the process ends with. */
const codeOf = async (...words: string[]): Promise<number | undefined> => (await runSkiplane(words)).exitCode();

describe('the command line', () => {
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
    const io = await runSkiplane(['models', 'resnet21', 'foo', '--json']);
    expect(io.exitCode()).toBe(2);
    const { faults } = JSON.parse(io.errLines.join('')) as { faults: readonly { message: string }[] };
    expect(faults.map(({ message }) => message.split(' ')[0])).toEqual(['resnet21', 'foo']);
  });
});

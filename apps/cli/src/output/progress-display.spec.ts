import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { CommandIo } from '../action/command-io.js';
import { progressDisplay } from './progress-display.js';
import { recordingIo } from '../testing/recording-io.js';
import { sampleRun } from '../testing/sample-run.js';

const run = sampleRun();
const at = (step: number): typeof run => sampleRun({ progress: { ...run.progress, step } });

class FakeTerminal extends Writable {
  readonly isTTY = true;
  readonly columns = 120;
  written = '';
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written += chunk.toString();
    done();
  }
}

describe('progressDisplay', () => {
  it('writes a plain line every few seconds, and at once when the state changes', () => {
    const io = recordingIo();
    let now = 0;
    using display = progressDisplay(io, { plainIntervalMs: 5_000, now: () => now });
    display.show(at(1));
    display.show(at(2));
    now = 4_999;
    display.show(at(3));
    now = 5_000;
    display.show(at(4));
    display.show(sampleRun({ state: 'paused' }));
    display.show(sampleRun({ state: 'paused' }));
    expect(io.errLines.map((line) => /step +\d+/.exec(line)?.[0])).toEqual(['step   1', 'step   4', 'step 210']);
    expect(io.errLines.at(-1)).toContain('paused at step 210/480');
  });

  it('draws the last state and every note on a terminal, and gives the cursor back', () => {
    const terminal = new FakeTerminal();
    const io: CommandIo = { ...recordingIo(), terminal };
    const display = progressDisplay(io);
    display.note('worker-2 joined');
    display.show(at(480));
    display[Symbol.dispose]();
    expect(terminal.written).toContain('worker-2 joined\n');
    expect(terminal.written).toContain('step 480/480');
    expect(terminal.written.endsWith('\n')).toBe(true);
    expect(terminal.written).toContain('\u001b[?25h');
  });
});

import { describe, expect, it } from '@jest/globals';
import { barLine, plainLine } from './progress-line.js';
import { sampleRun } from '../testing/sample-run.js';

const run = sampleRun();

describe('barLine', () => {
  it('fills the width it is given, no more', () => {
    for (const width of [40, 60, 80, 100, 120, 200]) expect(barLine(run, width).length).toBeLessThanOrEqual(width);
  });

  it('shows every figure where there is room', () => {
    const line = barLine(run, 200);
    for (const part of [
      '43 %',
      'epoch 3/6',
      'step 210/480',
      'loss 0.812',
      'train 71.2 %',
      'val 68.0 %',
      '540 images/s',
      'ETA 1 min 10 s',
    ]) {
      expect(line).toContain(part);
    }
    expect(line.startsWith('█'.repeat(18) + '░'.repeat(22))).toBe(true);
  });

  it('keeps loss and ETA on a narrow terminal', () => {
    const line = barLine(run, 60);
    expect(line).toContain('loss 0.812');
    expect(line).toContain('ETA');
    expect(line).not.toContain('step');
  });

  it('shows dashes for figures that are not there yet', () => {
    const line = plainLine(
      sampleRun({
        progress: {
          ...run.progress,
          step: 0,
          epoch: 0,
          loss: null,
          trainAccuracy: null,
          valAccuracy: null,
          imagesPerSecond: null,
          etaSeconds: null,
        },
      }),
    );
    expect(line).toBe('0 %  epoch 1/6  step   0/480  loss -  train      -  val      -  - images/s  ETA -');
  });

  it('says why a run waits, without letting the reason steer the terminal', () => {
    const waiting = sampleRun({
      state: 'pending',
      reason: 'waiting for a worker\u001b[2J',
      progress: { ...run.progress, step: 0 },
    });
    expect(barLine(waiting, 80)).toBe(String.raw`pending: waiting for a worker\x1b[2J`);
    expect(barLine(waiting, 20)).toHaveLength(20);
  });

  it('never shows an epoch after the last', () => {
    expect(plainLine(sampleRun({ progress: { ...run.progress, epoch: 6 } }))).toContain('epoch 6/6');
  });
});

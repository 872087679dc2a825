import { EventEmitter } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { exitWhenParentGone } from './parent-watch.js';

class FakeProcess extends EventEmitter {
  readonly pid = 4711;
  readonly signals: string[] = [];
  readonly channel = { unref: jest.fn() };
  constructor(readonly connected: boolean) {
    super();
  }
  kill(_pid: number, signal: NodeJS.Signals): void {
    this.signals.push(signal);
  }
}

describe('exitWhenParentGone', () => {
  it('asks itself to stop when the parent disconnects, and insists after the grace', () => {
    jest.useFakeTimers();
    try {
      const target = new FakeProcess(true);
      exitWhenParentGone({ process: target, graceMs: 1_000 });
      expect(target.signals).toEqual([]);
      expect(target.channel.unref).toHaveBeenCalled();
      target.emit('disconnect');
      expect(target.signals).toEqual(['SIGTERM']);
      jest.advanceTimersByTime(1_000);
      expect(target.signals).toEqual(['SIGTERM', 'SIGKILL']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('stops at once when the parent was gone before the watch began', () => {
    const target = new FakeProcess(false);
    exitWhenParentGone({ process: target });
    expect(target.signals).toEqual(['SIGTERM']);
  });
});

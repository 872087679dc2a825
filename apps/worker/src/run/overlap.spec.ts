import { describe, expect, it } from '@jest/globals';
import type { ClaimedDevices } from '#tensorflow-runtime';
import { overlapOf } from './overlap.js';

const LOCAL = { parameterServers: ['127.0.0.1:7070', 'localhost:7071', '[::1]:7072'] };
const REMOTE = { parameterServers: ['127.0.0.1:7070', '10.0.0.7:7070'] };
const CPU = { claim: null };
const GPU = { claim: {} as ClaimedDevices };

describe('the overlap of computing and exchange', () => {
  it('is looked for where a parameter server is on another host', () => {
    expect(overlapOf('auto', { device: CPU, plan: REMOTE })).toBe('auto');
    expect(overlapOf('auto', { device: CPU, plan: LOCAL })).toBe('off');
  });

  it('is off on a GPU unless asked for', () => {
    expect(overlapOf('auto', { device: GPU, plan: REMOTE })).toBe('off');
    expect(overlapOf('on', { device: GPU, plan: LOCAL })).toBe('on');
  });

  it('is as asked for', () => {
    expect(overlapOf('off', { device: CPU, plan: REMOTE })).toBe('off');
    expect(overlapOf('on', { device: CPU, plan: LOCAL })).toBe('on');
  });
});

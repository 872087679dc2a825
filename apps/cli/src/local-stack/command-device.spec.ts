import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  fakeDriver,
  HOST_DIGITS,
  PRETEND_GPU,
  type FakeDriver,
  type FakeDriverKind,
} from '../../../../test/support/drivers/fake-driver.js';
import { claimCommandDevice, type CommandDevice } from './command-device.js';
import { readStackConfig } from './stack-config.js';

// Each loads TensorFlow in a process of its own.
jest.setTimeout(60_000);

describe('the device of a command', () => {
  const { PATH, NODE_OPTIONS } = process.env;
  let driver: FakeDriver | undefined;
  const notes: string[] = [];
  afterEach(async () => {
    Object.assign(process.env, { PATH, NODE_OPTIONS: NODE_OPTIONS ?? '' });
    await driver?.[Symbol.asyncDispose]();
    driver = undefined;
    notes.splice(0);
  });

  async function claim(kind: FakeDriverKind, environment: Record<string, string> = {}): Promise<CommandDevice> {
    await driver?.[Symbol.asyncDispose]();
    driver = await fakeDriver(kind);
    Object.assign(process.env, { PATH: driver.path });
    return await claimCommandDevice(readStackConfig(environment), 'predict', (line) => notes.push(line));
  }

  it('is a free GPU, which no other command gets meanwhile', async () => {
    Object.assign(process.env, { NODE_OPTIONS: PRETEND_GPU });
    const wish = { CUDA_VISIBLE_DEVICES: `MIG-c7384736-${HOST_DIGITS}-5afc-978f-d2f1294409f6` };
    const device = await claim('mig', wish);
    expect(device.gpu).toBe('GPU 0:6 NVIDIA A100-SXM4-80GB MIG 1g.10gb');
    expect(device.env).toEqual({
      CUDA_VISIBLE_DEVICES: wish.CUDA_VISIBLE_DEVICES,
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      TF_DETERMINISTIC_OPS: '1',
      TF_CUDNN_USE_AUTOTUNE: '0',
    });
    await expect(claim('mig', wish)).rejects.toThrow(/every GPU is taken: .* by skiplane predict, process \d+/);
    await device.release();
  });

  it('is refused where TensorFlow sees no GPU, and is the CPU where that is wished or there is no driver', async () => {
    const unseen = claim('mig', { SKIPLANE_DEVICE: '0:5' });
    await expect(unseen).rejects.toThrow(/GPU 0:5 .* was claimed, but TensorFlow does not compute on it/);
    await expect(claim('err')).rejects.toThrow('SKIPLANE_DEVICE=cpu computes on the CPU instead');
    for (const wish of [{ SKIPLANE_DEVICE: 'cpu' }, { CUDA_VISIBLE_DEVICES: '' }, { SKIPLANE_ENGINE: 'portable' }]) {
      expect(await claim('err', wish)).toMatchObject({ gpu: null, env: { CUDA_VISIBLE_DEVICES: '' } });
    }
  });
});

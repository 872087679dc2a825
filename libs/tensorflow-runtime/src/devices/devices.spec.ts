import { describe, expect, it } from '@jest/globals';
import { claimDevice, claimDevices, holderOfDevice } from './claim-device.js';
import { hidesAllGpus } from './choose-devices.js';
import { findDevices, type FoundDevices } from './find-devices.js';
import { deviceEnvironment } from './device-environment.js';
import { chooseSet, type DeviceSet } from './device-set.js';
import { deviceName, devicesName } from './gpu-device.js';
import { surveyGpus } from './survey-gpus.js';
import { fakeDriver, HOST_DIGITS, type FakeDriverKind } from '../../../../test/support/drivers/fake-driver.js';

const LIMIT_MS = 10_000;
const gpu = (index: number): string => `GPU-0000000${index}-${HOST_DIGITS}-bbbb-cccc-00000000000${index}`;
const SLICE = `MIG-c7384736-${HOST_DIGITS}-5afc-978f-d2f1294409f`;

async function found(kind: FakeDriverKind, wish: { device?: string; visible?: string } = {}): Promise<FoundDevices> {
  await using driver = await fakeDriver(kind);
  const { device = 'auto', visible } = wish;
  return await findDevices({ device, visible, driver: { path: driver.path, limitMs: LIMIT_MS } });
}
const uuids = ({ devices }: FoundDevices): string[] => devices.map(({ uuid }) => uuid);

describe('what the driver shows', () => {
  it('is GPUs', async () => {
    const all = await found('four');
    expect(uuids(all)).toEqual([0, 1, 2, 3].map(gpu));
    expect(all.devices.map(deviceName)[1]).toBe('GPU 1 NVIDIA H100 80GB HBM3');
    expect([all.faults, all.users]).toEqual([[], []]);
  });

  it('is the slices of a GPU that is cut, not the GPU', async () => {
    const { devices } = await found('mig');
    expect(devices.map(({ uuid }) => uuid)).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `${SLICE}${index}`));
    expect(devices.map(deviceName)[3]).toBe('GPU 0:3 NVIDIA A100-SXM4-80GB MIG 1g.10gb');
  });

  it('is the healthy GPUs beside a sick one, which is named', async () => {
    const { devices, faults } = await found('sick');
    expect(devices.map(({ uuid }) => uuid)).toEqual([gpu(1)]);
    expect(faults).toEqual([
      'GPU 0 is not healthy, nvidia-smi says of it: [Unknown Error], [Unknown Error]',
      'nvidia-smi says: Unable to determine the device handle for gpu 0000:41:00.0: Unknown Error',
    ]);
  });

  it('is waited for where it takes its time', async () => {
    process.env['FAKE_SMI_SECONDS'] = '0.3';
    expect(uuids(await found('slow'))).toHaveLength(4);
  });

  it('is nothing on a machine without the tool, whatever else is wished', async () => {
    const driver = { path: '/nowhere' };
    expect(await surveyGpus(driver)).toEqual({ hasDriver: false, devices: [], faults: [] });
    for (const visible of [undefined, '0', '']) {
      expect(uuids(await findDevices({ device: 'auto', visible, driver }))).toEqual([]);
    }
    const wished = findDevices({ device: '1', visible: undefined, driver });
    await expect(wished).rejects.toThrow(
      'SKIPLANE_DEVICE=1 names a GPU that is not there: no nvidia-smi is on the PATH',
    );
  });

  it('is refused, and never taken for a CPU, where the tool fails', async () => {
    const refusal = found('err');
    await expect(refusal).rejects.toThrow(
      /^no GPU can be used: .*nvidia-smi ended with code 18: Failed to initialize NVML: Driver\/library version mismatch/,
    );
    await expect(refusal).rejects.toThrow('SKIPLANE_DEVICE=cpu computes on the CPU instead');
  });

  it.each(['hang', 'stubborn'] as const)('is refused where the tool does not end: %s', async (kind) => {
    await using driver = await fakeDriver(kind);
    const refusal = findDevices({ device: 'auto', visible: undefined, driver: { path: driver.path, limitMs: 200 } });
    await expect(refusal).rejects.toThrow(/no GPU can be used: .*nvidia-smi took longer than 0.2 s/);
  });

  it('is not asked for where the CPU is wished', async () => {
    for (const wish of [{ device: 'cpu' }, { visible: '' }, { visible: '-1' }, { visible: 'NoDevFiles' }]) {
      expect(uuids(await found('err', wish))).toEqual([]);
    }
    const contradiction = found('four', { device: '0', visible: '' });
    await expect(contradiction).rejects.toThrow('SKIPLANE_DEVICE=0, but CUDA_VISIBLE_DEVICES= shows no GPU');
  });
});

describe('CUDA_VISIBLE_DEVICES and SKIPLANE_DEVICE', () => {
  it.each([
    ['2', [2]],
    ['2,0', [2, 0]],
    ['1,-1,2', [1]],
    [`${gpu(3)}, 1`, [3, 1]],
    ['GPU-00000002', [2]],
  ])('CUDA_VISIBLE_DEVICES=%s', async (visible, indices) => {
    expect(uuids(await found('four', { visible }))).toEqual(indices.map(gpu));
  });

  it('name slices, whole GPUs of slices, and beginnings of either', async () => {
    expect(uuids(await found('mig', { visible: `${SLICE}2,${SLICE}5` }))).toEqual([`${SLICE}2`, `${SLICE}5`]);
    expect(uuids(await found('mig', { visible: '0:4' }))).toEqual([`${SLICE}4`]);
    for (const visible of ['0', 'GPU-5c89852c']) expect(uuids(await found('mig', { visible }))).toHaveLength(7);
    expect(uuids(await found('mig', { device: `${SLICE}6` }))).toEqual([`${SLICE}6`]);
  });

  it('narrow each other', async () => {
    expect(uuids(await found('four', { device: '2', visible: '1,2' }))).toEqual([gpu(2)]);
    await expect(found('four', { device: '3', visible: '1,2' })).rejects.toThrow(
      'SKIPLANE_DEVICE=3: there is no GPU 3',
    );
  });

  it('have their faults named, all at once, and what is right is used', async () => {
    const { devices, faults } = await found('four', { visible: '1,7,GPU-0000000,cuda:0' });
    expect(devices.map(({ uuid }) => uuid)).toEqual([gpu(1)]);
    expect(faults).toEqual([
      'CUDA_VISIBLE_DEVICES=1,7,GPU-0000000,cuda:0: there is no GPU 7',
      `CUDA_VISIBLE_DEVICES=1,7,GPU-0000000,cuda:0: GPU-0000000 is the beginning of ${[0, 1, 2, 3].map(gpu).join(' and of ')}`,
      'CUDA_VISIBLE_DEVICES=1,7,GPU-0000000,cuda:0: cuda:0 is no index and no UUID',
    ]);
    await expect(found('four', { visible: '9' })).rejects.toThrow('CUDA_VISIBLE_DEVICES=9: there is no GPU 9');
    expect(['', ' ', '-1,0', 'NoDevFiles'].map(hidesAllGpus)).toEqual([true, true, true, true]);
  });
});

describe('a claim', () => {
  it('gives each claimant a device of its own and names who holds the others', async () => {
    const all = await found('mig', { visible: `${SLICE}0,${SLICE}1` });
    const first = await claimDevice(all, 'worker a, process 1');
    const second = await claimDevice(all, 'worker b, process 2');
    expect([first.device.uuid, second.device.uuid]).toEqual([`${SLICE}0`, `${SLICE}1`]);
    const third = claimDevice(all, 'worker c, process 3');
    await expect(third).rejects.toThrow(
      /every GPU is taken: GPU 0:0 .* by worker a, process 1, GPU 0:1 .* by worker b/,
    );
    await expect(third).rejects.toMatchObject({ isBusy: true });
    expect(await holderOfDevice(first.device)).toBe('worker a, process 1');
    await first.release();
    expect(await holderOfDevice(first.device)).toBeNull();
    const again = await claimDevice(all, 'worker c, process 3');
    expect(again.device.uuid).toBe(`${SLICE}0`);
    await Promise.all([second.release(), again.release()]);
  });

  it('goes on where a further lock is not to be had, and gives its own back', async () => {
    const all = await found('four');
    const lock = { release: async () => undefined };
    const claim = await claimDevice(all, 'worker d', async ({ index }) => (index === '0' ? 'worker far away' : lock));
    expect(claim.device.index).toBe('1');
    await claim.release();
    const again = await claimDevice(all, 'worker d');
    expect(again.device.index).toBe('0');
    await again.release();
    await expect(claimDevice(all, 'worker d', () => Promise.reject(new Error('no Redis')))).rejects.toThrow('no Redis');
    expect(await holderOfDevice(again.device)).toBeNull();
  });

  it('takes a GPU that others use last, and names them', async () => {
    const all = await found('busy');
    expect(all.devices.map(({ index }) => index)).toEqual(['1', '2', '3', '0']);
    const one = await claimDevice(await found('busy', { device: '0' }), 'worker e');
    expect(one.warnings).toEqual(['GPU 0 NVIDIA H100 80GB HBM3 is also used by process 4711 (python, 70,000 MiB)']);
    await one.release();
  });
});

describe('several devices of one process', () => {
  const set = async (kind: FakeDriverKind, devices: DeviceSet, visible?: string): Promise<FoundDevices> => {
    await using driver = await fakeDriver(kind);
    return await findDevices({ device: 'auto', devices, visible, driver: { path: driver.path, limitMs: LIMIT_MS } });
  };

  it('are those that are named, in that order, or all that are shown', async () => {
    expect(uuids(await set('four', ['3', gpu(1)]))).toEqual([gpu(3), gpu(1)]);
    expect(uuids(await set('four', 'all', '2,0'))).toEqual([gpu(2), gpu(0)]);
    // Who uses them changes nothing.
    expect(uuids(await set('busy', 'all'))).toEqual([0, 1, 2, 3].map(gpu));
    expect(devicesName((await set('four', ['0', '2'])).devices)).toBe('GPUs 0, 2 NVIDIA H100 80GB HBM3');
    const { devices, faults } = await set('sick', 'all');
    expect([devices.length, faults.join()]).toEqual([1, expect.stringContaining('GPU 0 is not healthy')]);
  });

  it('are refused where one is missing, of another kind, or a slice beside another', async () => {
    await expect(set('four', ['0', '7', '9'])).rejects.toThrow(
      /SKIPLANE_DEVICES=0,7,9: there is no GPU 7; SKIPLANE_DEVICES=0,7,9: there is no GPU 9/,
    );
    await expect(set('mig', 'all')).rejects.toThrow('CUDA shows a process one slice, and nothing beside it');
    await expect(set('four', 'all', '')).rejects.toThrow('SKIPLANE_DEVICES=all, but CUDA_VISIBLE_DEVICES= shows no');
    const nowhere = findDevices({ device: 'auto', devices: 'all', visible: undefined, driver: { path: '/nowhere' } });
    await expect(nowhere).rejects.toThrow('no nvidia-smi is on the PATH');
    const [h100] = (await set('four', ['0'])).devices;
    if (!h100) throw new Error('there is a GPU 0');
    const other = { ...h100, index: '1', uuid: gpu(1), name: 'NVIDIA A100' };
    expect(chooseSet([h100, other], 'all').faults).toEqual([
      'GPU 0 NVIDIA H100 80GB HBM3, GPU 1 NVIDIA A100: devices of different kinds have different bits',
    ]);
  });

  it('are claimed all or none', async () => {
    const one = await claimDevice(await set('four', ['2']), 'worker a');
    const all = await set('four', 'all');
    const refused = claimDevices(all, 'worker b');
    await expect(refused).rejects.toThrow('not every GPU is free: GPU 2 NVIDIA H100 80GB HBM3 by worker a');
    await expect(refused).rejects.toMatchObject({ isBusy: true });
    for (const device of all.devices)
      expect(await holderOfDevice(device)).toBe(device.uuid === gpu(2) ? 'worker a' : null);
    await one.release();
    const claim = await claimDevices(all, 'worker b');
    expect(deviceEnvironment(claim.devices)['CUDA_VISIBLE_DEVICES']).toBe([0, 1, 2, 3].map(gpu).join(','));
    for (const device of all.devices) expect(await holderOfDevice(device)).toBe('worker b');
    await claim.release();
  });
});

describe('the environment of a process', () => {
  it('shows its device alone, whose memory it takes as it needs it unless told otherwise', async () => {
    const device = (await found('mig')).devices.slice(2, 3);
    const uuid = `${SLICE}2`;
    expect(deviceEnvironment(device)).toEqual({ CUDA_VISIBLE_DEVICES: uuid, TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
    process.env['TF_FORCE_GPU_ALLOW_GROWTH'] = 'false';
    expect(deviceEnvironment(device)).toMatchObject({ TF_FORCE_GPU_ALLOW_GROWTH: 'false' });
    delete process.env['TF_FORCE_GPU_ALLOW_GROWTH'];
    expect(deviceEnvironment([])).toEqual({ CUDA_VISIBLE_DEVICES: '' });
  });
});

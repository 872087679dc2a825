import { describe, expect, it } from '@jest/globals';
import { claimDevice, findDevices } from '#tensorflow-runtime';
import { fakeDriver, type FakeDriverKind } from '../../../../../test/support/drivers/fake-driver.js';
import { checkGpus } from './check-gpus.js';
import type { Finding } from './finding.js';

async function look(
  kind: FakeDriverKind,
  { device = 'auto', visible, usesGpu = true }: { device?: string; visible?: string; usesGpu?: boolean } = {},
): Promise<readonly Finding[]> {
  await using driver = await fakeDriver(kind);
  return await checkGpus({ device, visible, driver: { path: driver.path, limitMs: 2_000 } }, usesGpu);
}

describe('doctor, of GPUs', () => {
  it('names healthy ones and slices', async () => {
    expect(await look('four', { visible: '0,2' })).toEqual([
      { subject: 'GPU', status: 'ok', detail: '2: GPU 0 NVIDIA H100 80GB HBM3, GPU 2 NVIDIA H100 80GB HBM3' },
    ]);
    expect(await look('mig')).toMatchObject([
      { status: 'ok', detail: expect.stringMatching(/^7: GPU 0:0 .* 1g.10gb/) },
    ]);
  });

  it('fails where workers would refuse, and says what to do', async () => {
    for (const kind of ['err', 'hang', 'stubborn'] as const) {
      const [finding] = await look(kind);
      expect(finding).toMatchObject({ status: 'fail', advice: expect.stringContaining('SKIPLANE_DEVICE=cpu') });
      expect(finding?.detail).toContain('nvidia-smi');
    }
    expect(await look('four', { usesGpu: false })).toMatchObject([{ status: 'fail' }]);
    expect(await look('four', { device: '7' })).toMatchObject([
      { status: 'fail', detail: expect.stringContaining('GPU 7') },
    ]);
  });

  it('warns of a sick one beside, of a wrong name, and of who else computes', async () => {
    expect((await look('sick')).map(({ status }) => status)).toEqual(['ok', 'warn', 'warn']);
    expect(await look('four', { visible: '1,9' })).toMatchObject([{ status: 'ok' }, { status: 'warn' }]);
    expect(await look('busy', { visible: '0' })).toMatchObject([
      { status: 'ok' },
      { status: 'warn', detail: 'GPU 0 NVIDIA H100 80GB HBM3 is also used by process 4711 (python, 70,000 MiB)' },
    ]);
  });

  it('tells who holds one', async () => {
    await using driver = await fakeDriver('four');
    const wish = { device: '3', visible: undefined, driver: { path: driver.path } };
    const claim = await claimDevice(await findDevices(wish), 'worker w1, process 42');
    const findings = await checkGpus(wish, true);
    await claim.release();
    expect(findings[1]).toMatchObject({ detail: 'GPU 3 NVIDIA H100 80GB HBM3 is held by worker w1, process 42' });
  });

  it('has nothing to say where there is none, or none is wished', async () => {
    const nowhere = { device: 'auto', visible: undefined, driver: { path: '/nowhere' } };
    expect(await checkGpus(nowhere, false)).toMatchObject([{ status: 'ok', detail: expect.stringContaining('none') }]);
    expect(await look('err', { device: 'cpu' })).toMatchObject([{ status: 'ok' }]);
    expect(await look('err', { visible: '' })).toMatchObject([{ status: 'ok' }]);
  });
});

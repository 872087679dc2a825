import { expect, it } from '@jest/globals';
import { describeDashboard } from './describe-dashboard.js';
import { moveLane, nextSteps, setSlowness } from './fixture-scene.js';
import { chartPixels, laneOwner, scrollsSideways, waitForNewestStep } from './page-facts.js';

const IMAGES = { unreadable: 'refuse', orientation: 'upright' } as const;

describeDashboard('page of a run', (at) => {
  it('draws four charts and goes on drawing as steps arrive', async () => {
    const page = await at.open('/runs/r-running');
    await page.getByRole('heading', { name: 'Loss' }).waitFor();
    const before = await chartPixels(page);
    expect(before).toHaveLength(4);
    for (const count of before) expect(count).toBeGreaterThan(500);
    const { steps } = at.scene.running;
    const last = steps.length;
    at.server.sendSteps(at.scene.running, nextSteps(at.scene, 40));
    at.server.sendProgress(at.scene.running);
    await waitForNewestStep(page, last + 40);
    expect(at.pageErrors()).toEqual([]);
  });

  it('switches the x axis, in the charts and in the address, and opens such an address', async () => {
    const page = await at.open('/runs/r-running?x=epoch');
    const charts = page.locator('.chart');
    await page.locator('.chart[data-x-axis="epoch"]').first().waitFor();
    await charts
      .first()
      .locator('.chart-place')
      .getByText(/^epoch 22\.\d\d$/)
      .waitFor();
    await page.getByRole('radio', { name: 'Time' }).click();
    await page.locator('.chart[data-x-axis="time"]').nth(3).waitFor();
    expect(new URL(page.url()).search).toBe('?x=time');
    await charts
      .first()
      .locator('.chart-place')
      .getByText(/^\d+:\d\d elapsed$/)
      .waitFor();
    for (const count of await chartPixels(page)) expect(count).toBeGreaterThan(500);
    expect(at.pageErrors()).toEqual([]);
  });

  it('moves a lane to the worker that the stream names', async () => {
    const page = await at.open('/runs/r-running');
    await page.locator('.lanes-token[data-lane="7"]').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    expect(await laneOwner(page, 7)).toEqual({ workerId: 'worker-c', row: 2 });
    moveLane(at.scene.running, 7, null);
    at.server.sendProgress(at.scene.running);
    await page.getByText('1 waiting for one').waitFor();
    expect(await laneOwner(page, 7)).toEqual({ workerId: '', row: 3 });
    moveLane(at.scene.running, 7, 'worker-a');
    at.server.sendProgress(at.scene.running);
    await page.locator('.lanes-token[data-lane="7"][data-worker="worker-a"]').waitFor();
    expect(await laneOwner(page, 7)).toEqual({ workerId: 'worker-a', row: 0 });
    expect(at.pageErrors()).toEqual([]);
  });

  it('names the worker that is slow, in its row, and no longer once it keeps up', async () => {
    const page = await at.open('/runs/r-running');
    await page.locator('.lanes-token[data-lane="7"]').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    const slowness = { phase: 'compute', ms: 620, othersMs: 200, sinceStep: 41 } as const;
    setSlowness(at.scene.running, 'worker-b', slowness);
    at.server.sendProgress(at.scene.running);
    const row = page.locator('.lanes-row[data-worker="worker-b"]');
    await row.getByText('slow: computing 3.1×').waitFor();
    expect(await page.locator('.lanes-slow').count()).toBe(1);
    setSlowness(at.scene.running, 'worker-b', null);
    at.server.sendProgress(at.scene.running);
    await page.locator('.lanes-slow').waitFor({ state: 'detached' });
    expect(at.pageErrors()).toEqual([]);
  });

  it('shows how far the shard caches of its hosts are filled, while they fill', async () => {
    const page = await at.open('/runs/r-running');
    await page.getByText('live', { exact: true }).waitFor();
    const panel = page.getByRole('region', { name: 'Shard caches' });
    expect(await panel.count()).toBe(0);
    const cache = { numFiles: 147, numBytes: 22e9, maxBytes: 20e9, numHits: 990, numMisses: 10, fetchedBytes: 3.1e9 };
    const fill = (numFilesHere: number, numBytesHere: number): void => {
      const { view } = at.scene.running;
      const dataset = { kind: 'webdataset', path: 's3://bucket/imagenet', labelField: 'label', ...IMAGES } as const;
      const shardCaches = [{ host: 'node-1', ...cache, numFilesHere, numBytesHere }];
      at.scene.running.view = { ...view, spec: { ...view.spec, dataset }, shardCaches };
      at.server.sendProgress(at.scene.running);
    };
    fill(12, 3.1e9);
    await panel.getByText('12 of 147 shards, 3.1 GB of 22.0 GB (the cache holds 20.0 GB)').waitFor();
    expect(await panel.getByText('99.00 % of 1,000 reads found their shard here').count()).toBe(1);
    const bar = panel.getByRole('progressbar', { name: 'Shard cache of node-1' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('14');
    fill(147, 22e9);
    await panel.getByText('147 of 147 shards').waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('shows journal lines as they come and each of them once after a reconnect', async () => {
    const page = await at.open('/runs/r-running');
    const lines = page.getByRole('log').locator('li');
    await page.getByText('live', { exact: true }).waitFor();
    at.server.sendEvent(at.scene.running, {
      at: Date.now(),
      level: 'warning',
      topic: 'worker',
      message: 'worker-c left',
    });
    await page.getByText('worker-c left').waitFor();
    const numLines = await lines.count();
    await at.server.close();
    await page.getByText('reconnecting…').waitFor();
    await at.server.start();
    await page.getByText('live', { exact: true }).waitFor();
    at.server.sendEvent(at.scene.running, {
      at: Date.now(),
      level: 'error',
      topic: 'data',
      message: 'a.jpg is unreadable',
    });
    await page.getByText('a.jpg is unreadable').waitFor();
    expect(await lines.count()).toBe(numLines + 1);
    await page.getByRole('radio', { name: 'Errors' }).click();
    expect(await lines.count()).toBe(1);
  });

  it('says so while the coordinator is away, keeps what it showed, and catches up afterwards', async () => {
    const page = await at.open('/runs/r-running');
    await page.getByText('live', { exact: true }).waitFor();
    await at.server.close();
    await page.getByText('Coordinator not reachable.').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('resnet20-shapes');
    const last = at.scene.running.steps.length;
    at.scene.running.steps.push(...nextSteps(at.scene, 25));
    await at.server.start();
    await page.getByText('Coordinator not reachable.').waitFor({ state: 'detached' });
    await waitForNewestStep(page, last + 25);
  });

  it('evaluates a run by a protocol and shows errors, classes and confusions', async () => {
    const page = await at.open('/runs/r-finished');
    const panel = page.getByRole('region', { name: 'Evaluations' });
    await panel.getByText('None yet').waitFor();
    await panel.getByRole('button', { name: '10-crop' }).click();
    const row = panel.getByRole('table', { name: 'Evaluations' }).locator('tbody tr');
    await row.waitFor();
    expect(await row.innerText()).toMatch(/10-crop[^]*step 300[^]*10\.00 %[^]*1\.00 %[^]*0\.300/);
    await row.getByRole('button', { name: 'Show' }).click();
    await panel.getByRole('table', { name: 'Classes' }).getByText('hexagon').waitFor();
    const cells = panel.getByRole('img', { name: /Confusion matrix/ }).locator('span');
    expect(await cells.count()).toBe(100);
    expect(await cells.nth(1).getAttribute('title')).toBe('circle taken for cross: 20 (10.0 %)');
    expect(at.pageErrors()).toEqual([]);
  });

  it('cancels a run only after asking', async () => {
    const page = await at.open('/runs/r-running');
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('button', { name: 'Keep training' }).click();
    expect(at.scene.running.view.state).toBe('running');
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
    await page.locator('h1 .badge[data-state="cancelled"]').waitFor();
    expect(at.scene.running.view.state).toBe('cancelled');
    expect(await page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0);
    expect(at.pageErrors()).toEqual([]);
  });

  it('tells the failed, the finished and the unknown run apart', async () => {
    const page = await at.open('/runs/r-failed');
    await page.getByRole('alert').filter({ hasText: 'Loss is not finite at step 41' }).waitFor();
    await page.goto(`${at.server.url}/runs/r-finished`);
    const link = page.getByRole('link', { name: 'Download weights', exact: true });
    expect(await link.getAttribute('href')).toBe('v1/runs/r-finished/checkpoints/315/weights.safetensors');
    await page.getByText(at.server.runs.get('r-finished')?.view.weightsSha256 ?? 'none').waitFor();
    await page.goto(`${at.server.url}/runs/r-unheard-of`);
    await page.getByText('There is no run with this id').waitFor();
  });

  it('offers the average of weights where a run keeps one', async () => {
    const run = at.server.runs.get('r-finished');
    if (run === undefined) throw new Error('the fixture has no finished run');
    const { view } = run;
    const averageSha256 = 'a'.repeat(64);
    run.view = { ...view, checkpoints: view.checkpoints.map((checkpoint) => ({ ...checkpoint, averageSha256 })) };
    const page = await at.open('/runs/r-finished');
    const link = page.getByRole('link', { name: 'Download average', exact: true });
    expect(await link.getAttribute('href')).toBe('v1/runs/r-finished/checkpoints/315/average.safetensors');
    await page.getByText(averageSha256).waitFor();
    await page.getByRole('link', { name: 'Download average of step 300' }).waitFor();
    run.view = view;
    expect(at.pageErrors()).toEqual([]);
  });

  it('shows 64 lanes and 16 workers without touching its neighbours', async () => {
    const lanes = Array.from({ length: 64 }, (_, lane) => ({ lane, workerId: `worker-${Math.floor(lane / 4)}` }));
    const workers = [...new Set(lanes.map((owner) => owner.workerId))];
    at.scene.running.view = { ...at.scene.running.view, lanes, workers };
    const page = await at.open('/runs/r-running');
    await page.locator('.lanes-token[data-lane="63"]').waitFor();
    const width = (await page.locator('.lanes-token[data-lane="63"] span').boundingBox())?.width ?? 0;
    expect(width).toBeGreaterThanOrEqual(11);
    expect(await scrollsSideways(page)).toBe(false);
    expect(at.pageErrors()).toEqual([]);
  });
});

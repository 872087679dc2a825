import type { Page } from 'playwright-core';

/**
 * Pixels that are drawn on the canvas of each of the four charts, once all of them have some. The page itself waits,
 * frame by frame, because its security policy forbids the evaluation that `waitForFunction` needs.
 */
export async function chartPixels(page: Page): Promise<number[]> {
  return await page.evaluate<number[]>(`(async () => {
    const count = (canvas) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      let drawn = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) drawn += 1;
      return drawn;
    };
    let counts = [];
    for (let frame = 0; frame < 300; frame += 1) {
      counts = [...document.querySelectorAll('.chart canvas')].map(count);
      if (counts.length === 4 && counts.every((drawn) => drawn > 500)) break;
      await new Promise(requestAnimationFrame);
    }
    return counts;
  })()`);
}

/** Waits until the charts show a step as the newest. */
export async function waitForNewestStep(page: Page, step: number): Promise<void> {
  await page.locator('.chart').first().getByText(`step ${step}`, { exact: true }).waitFor();
}

/** Who drives a lane by the grid, and the row in which its token stands or to which it is on its way. */
export async function laneOwner(page: Page, lane: number): Promise<{ workerId: string | null; row: number }> {
  const selector = `.lanes-token[data-lane="${lane}"]`;
  const row = await page.evaluate(`document.querySelector('${selector}').style.getPropertyValue('--row')`);
  return { workerId: await page.locator(selector).getAttribute('data-worker'), row: Number(row) };
}

export async function scrollsSideways(page: Page): Promise<boolean> {
  return (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) === true;
}

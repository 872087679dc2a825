import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CHROMIUM = '/usr/bin/chromium';
const APT_TIMEOUT_MS = 5 * 60_000;

/** The browser tests drive Debian's chromium. Where it can be installed it is; else they are skipped, and this says why. */
export async function ensureChromium(say) {
  if (existsSync(CHROMIUM)) return;
  const why = whyNotInstallable();
  if (why !== undefined) {
    say(`the browser tests are skipped: there is no ${CHROMIUM}, and ${why}`);
    return;
  }
  say('installing chromium for the browser tests (apt-get) ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: APT_TIMEOUT_MS, env };
  spawnSync('apt-get', ['update', '-qq'], options);
  const { stderr } = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  if (!existsSync(CHROMIUM))
    say(
      `the browser tests are skipped: apt-get could not install chromium: ${(stderr ?? '').trim().split('\n').at(-1)}`,
    );
}

function whyNotInstallable() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    return 'it is only installed where there is apt-get';
  if (process.getuid?.() !== 0) return 'only root may install it (apt-get install chromium)';
  return undefined;
}

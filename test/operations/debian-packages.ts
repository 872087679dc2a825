import { runCommand } from '#provision';

const LOOK_TIMEOUT_MS = 10_000;
const APT_TIMEOUT_MS = 5 * 60_000;

let isListFresh = false;

/** Installs the packages that are missing. Says why not where that cannot be done here; undefined: all are there. */
export async function ensurePackages(
  packages: readonly string[],
  say: (line: string) => void,
): Promise<string | undefined> {
  const missing = await missingOf(packages);
  if (missing.length === 0) return undefined;
  const command = `apt-get install ${missing.join(' ')}`;
  if (process.platform !== 'linux') return `Debian's ${missing.join(', ')} cannot be installed on ${process.platform}`;
  if (process.getuid?.() !== 0) return `only root may install what is missing (${command})`;
  say(`installing ${missing.join(', ')} (apt-get) ...`);
  // The programs are started by the scenarios; Debian must not start services of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    if (!isListFresh) await runCommand('apt-get', ['update', '-qq'], { timeoutMs: APT_TIMEOUT_MS, env });
    isListFresh = true;
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...missing];
    await runCommand('apt-get', args, { timeoutMs: APT_TIMEOUT_MS, env });
  } catch (error) {
    return `${command} failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
}

async function missingOf(packages: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of packages) if (!(await isInstalled(name))) missing.push(name);
  return missing;
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    const answer = await runCommand('dpkg-query', ['-W', '-f=${db:Status-Status}', name], {
      timeoutMs: LOOK_TIMEOUT_MS,
    });
    return answer === 'installed';
  } catch {
    return false;
  }
}

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Launched, LaunchedStack, newFolder, ROOT, type Environment } from './launched-stack.js';
import { offlineMachine } from './machine.js';

// Real processes, on machines that may be busy.
jest.setTimeout(120_000);

/** No list of users knows it, as in a container that is run with `--user`. */
const UID = 54_321;

/** Only root can start a process as somebody else, and somebody else has to be able to read this checkout. */
function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root starts processes as another user';
  try {
    execFileSync(process.execPath, ['-e', `require('node:fs').readFileSync('package.json')`], { cwd: ROOT, uid: UID });
    return undefined;
  } catch {
    return `other users cannot read ${ROOT}`;
  }
}

const reason = whyNot();
if (reason !== undefined) console.warn(`skipped: ${reason}`);

(reason === undefined ? describe : describe.skip)('a user without a home, a name and rights', () => {
  let scratch: string;
  let bin: string;
  let cache: string;

  beforeAll(() => {
    scratch = newFolder();
    chmodSync(scratch, 0o755);
    ({ bin } = offlineMachine(scratch));
    // One that is read only, as an image has it.
    cache = join(scratch, 'provisioned');
    mkdirSync(cache);
    cpSync(join(homedir(), '.cache', 'skiplane', 'valkey'), join(cache, 'valkey'), { recursive: true });
    execFileSync('chmod', ['-R', 'a+rX', cache]);
    mkdirSync(join(scratch, 'data'));
    chownSync(join(scratch, 'data'), UID, UID);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const refusal = async (env: Environment): Promise<string> => {
    using launched = new Launched({
      args: ['--workers', '0'],
      env: { PATH: bin, PORT: '0', SKIPLANE_ENGINE: 'portable', SKIPLANE_DATA_DIR: join(scratch, 'data'), ...env },
      uid: UID,
    });
    const { code, text } = await launched.end();
    expect(code).not.toBe(0);
    // Words, no stack.
    expect(text.trim().split('\n')).toHaveLength(1);
    return text;
  };

  it.each([{ HOME: undefined }, { HOME: '/' }, { HOME: '/nonexistent' }, { SKIPLANE_CACHE_DIR: '/root/cache' }])(
    'is told to set SKIPLANE_CACHE_DIR with %j',
    async (env) => {
      expect(await refusal(env)).toContain('set SKIPLANE_CACHE_DIR to a folder that it can write to');
    },
  );

  it('is told to set SKIPLANE_DATA_DIR', async () => {
    const env = { SKIPLANE_CACHE_DIR: cache, SKIPLANE_DATA_DIR: '/root/data' };
    expect(await refusal(env)).toContain('set SKIPLANE_DATA_DIR to a folder that this user can write to');
  });

  it('runs a stack with a data directory, a cache that it can only read, and a checkout that is not its own', async () => {
    await using stack = await LaunchedStack.start(
      {
        args: ['--workers', '1', '--parameter-servers', '1'],
        env: { PATH: bin, HOME: undefined, SKIPLANE_CACHE_DIR: cache },
        uid: UID,
      },
      join(scratch, 'data'),
    );
    expect((await fetch(`${stack.url}/health/ready`)).status).toBe(200);
    expect(stack.pids).toHaveLength(4);
  });
});

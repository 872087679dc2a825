import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { packageRoot } from './package-root.js';

/** The programs that the bootstrap calls note their names; tsc writes a CLI that shows its arguments. */
const FAKE_CLI = 'console.log("cli " + process.argv.slice(2).join(" ")); process.exitCode = 7;';
const COMPILE = ['tsc', 'npm run build:programs'];
const FAKES = {
  npm: `const words = process.argv.slice(2).filter((word) => !word.startsWith('-')); note('npm ' + words.join(' '));
    mkdirSync('node_modules', { recursive: true });
    if (words[1] === 'build:programs') { mkdirSync('dist/programs', { recursive: true }); writeFileSync('dist/programs/worker.js', ''); }`,
  tsc: `note('tsc'); mkdirSync('dist/apps/cli/src', { recursive: true }); writeFileSync('dist/apps/cli/src/main.js', ${JSON.stringify(FAKE_CLI)});`,
  vite: `note('vite'); mkdirSync('dist/apps/dashboard', { recursive: true }); writeFileSync('dist/apps/dashboard/index.html', '');`,
} as const;

// Each test starts several Node processes, one after the other.
jest.setTimeout(60_000);

describe('bootstrap', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'skiplane-bootstrap-'));
    await cp(join(packageRoot(), 'apps', 'cli', 'bin'), join(root, 'apps', 'cli', 'bin'), { recursive: true });
    await mkdir(join(root, 'libs', 'a'), { recursive: true });
    await mkdir(join(root, 'apps', 'dashboard'), { recursive: true });
    for (const file of ['package.json', 'package-lock.json', 'tsconfig.json']) await writeFile(join(root, file), '{}');
    await writeFile(join(root, 'libs', 'a', 'index.ts'), '1');
    await writeFile(join(root, 'apps', 'dashboard', 'main.tsx'), '1');
    await putFake('fake-bin/npm', FAKES.npm);
    await putFake('node_modules/typescript/bin/tsc', FAKES.tsc);
    await putFake('node_modules/vite/bin/vite.js', FAKES.vite);
  });
  afterEach(() => rm(root, { recursive: true }));

  const putFake = async (path: string, body: string): Promise<void> => {
    const file = join(root, path);
    await mkdir(join(file, '..'), { recursive: true });
    const note = `const note = (line) => appendFileSync('calls', line + '\\n');`;
    const head = `#!/usr/bin/env node\nconst { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');\n${note}\n`;
    await writeFile(file, `${head}${body}`);
    await chmod(file, 0o755);
  };
  /** Of the processes that are started; default: our own. */
  let user: { readonly uid?: number } = {};
  const run = async (file: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const env = { ...process.env, PATH: `${join(root, 'fake-bin')}${delimiter}${process.env['PATH'] ?? ''}` };
    const command = [join(root, 'apps', 'cli', 'bin', file), ...args];
    return await new Promise((resolve) => {
      const child = execFile(process.execPath, command, { cwd: root, env, ...user }, (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      });
    });
  };
  const calls = async (): Promise<string[]> => {
    const text = await readFile(join(root, 'calls'), 'utf8').catch(() => '');
    await rm(join(root, 'calls'), { force: true });
    return text.split('\n').filter((line) => line !== '');
  };

  it('installs, compiles and builds once, then runs the command with its arguments and exit code', async () => {
    const first = await run('bootstrap.mjs', 'up', '--workers', '2');
    expect(first).toMatchObject({ code: 7, stdout: 'cli up --workers 2\n' });
    expect(await calls()).toEqual(['npm install', ...COMPILE, 'vite']);
    expect(await run('bootstrap.mjs', 'ls')).toEqual({ code: 7, stdout: 'cli ls\n', stderr: '' });
    expect(await calls()).toEqual([]);
  });

  it('does again only what a change asks for', async () => {
    await run('bootstrap.mjs', 'prepare');
    await calls();
    await writeFile(join(root, 'libs', 'a', 'index.ts'), '22');
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual(COMPILE);
    await writeFile(join(root, 'apps', 'dashboard', 'main.tsx'), '22');
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual(['vite']);
    await writeFile(join(root, 'libs', 'a', 'README.md'), 'text');
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual([]);
    await writeFile(join(root, 'package-lock.json'), '{ }');
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual(['npm install']);
  });

  it('compiles kernels anew when one of them changes', async () => {
    await mkdir(join(root, 'libs', 'data-loading', 'kernels'), { recursive: true });
    await mkdir(join(root, 'dist', 'libs', 'data-loading'), { recursive: true });
    await writeFile(join(root, 'dist', 'libs', 'data-loading', 'kernels.wasm'), '');
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual(['npm install', ...COMPILE, 'npm run build:kernels', 'vite']);
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual([]);
    await writeFile(join(root, 'libs', 'data-loading', 'kernels', 'a.ts'), '1');
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual([...COMPILE, 'npm run build:kernels']);
  });

  it('accepts what npm installed by hand after the lock file changed', async () => {
    await writeFile(join(root, 'node_modules', '.package-lock.json'), '{}');
    await utimes(join(root, 'package-lock.json'), 1, 1);
    await run('bootstrap.mjs', 'prepare');
    expect(await calls()).toEqual([...COMPILE, 'vite']);
  });

  it('does not run the command when the build fails, and tries again next time', async () => {
    await putFake('node_modules/typescript/bin/tsc', `note('tsc'); console.log('error TS2304'); process.exit(2);`);
    const failed = await run('bootstrap.mjs', 'up');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('ended with code 2');
    await putFake('node_modules/typescript/bin/tsc', FAKES.tsc);
    expect((await run('bootstrap.mjs', 'up')).code).toBe(7);
    expect(await calls()).toEqual(['npm install', 'tsc', ...COMPILE, 'vite']);
  });

  it('prepares once when two commands start together', async () => {
    const both = await Promise.all([run('bootstrap.mjs', 'ls'), run('bootstrap.mjs', 'ls')]);
    expect(both.map(({ code }) => code)).toEqual([7, 7]);
    expect(await calls()).toEqual(['npm install', ...COMPILE, 'vite']);
  });

  it('takes over the lock of a bootstrap that was killed', async () => {
    await mkdir(join(root, 'dist'));
    await writeFile(join(root, 'dist', '.bootstrap.lock'), '4194305');
    expect((await run('bootstrap.mjs', 'ls')).code).toBe(7);
  });

  it('says who has to build a checkout that its user cannot write to', async () => {
    if (process.getuid?.() !== 0) return console.warn('skipped: only root starts processes as another user');
    await chmod(root, 0o755);
    user = { uid: 54_321 };
    try {
      const { code, stderr } = await run('skiplane.mjs', 'up');
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^skiplane: this checkout .* once as its owner\n$/)]);
    } finally {
      user = {};
    }
  });

  it('is silent as skiplane.mjs, but for a failure', async () => {
    expect(await run('skiplane.mjs', 'ls')).toEqual({ code: 7, stdout: 'cli ls\n', stderr: '' });
    await putFake('node_modules/typescript/bin/tsc', `console.log('error TS2304'); process.exit(2);`);
    await writeFile(join(root, 'libs', 'a', 'index.ts'), '333');
    await calls();
    expect((await run('skiplane.mjs', 'ls')).stderr).toContain('error TS2304');
    // What was compiled nevertheless is what tests run on.
    expect(await calls()).toContain('npm run build:programs');
  });

  it('ends a test run with the counts, whatever happened', async () => {
    const result = {
      numPassedTests: 3,
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 1,
      numPendingTests: 2,
      testResults: [],
    };
    const write = `writeFileSync(process.argv.find((a) => a.startsWith('--outputFile=')).slice(13), ${JSON.stringify(JSON.stringify(result))});`;
    await putFake('node_modules/jest/bin/jest.js', `note('jest ' + process.argv.at(-1)); ${write} process.exit(1);`);
    const failed = await run('bootstrap.mjs', 'test', 'libs/a');
    expect(failed.code).toBe(1);
    expect(failed.stdout.trim().split('\n').at(-1)).toBe('3 passed, 2 failed, 2 skipped');
    expect(await calls()).toContain('jest libs/a');
    await putFake('node_modules/jest/bin/jest.js', 'process.exit(1);');
    const crashed = await run('bootstrap.mjs', 'test');
    expect(crashed).toMatchObject({ code: 1 });
    expect(crashed.stdout.trim().split('\n').at(-1)).toBe('0 passed, 1 failed');
  });
});

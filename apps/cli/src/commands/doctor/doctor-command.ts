import type { Command } from 'commander';
import { printResult } from '../../output/print-line.js';
import { runCommandAction } from '../../action/run-action.js';
import type { Finding } from './finding.js';

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

/** Adds `skiplane doctor`: looks at everything a run depends on, and says what to do about what is wrong. */
export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at Node, TensorFlow, GPUs, CPU, Redis, memory and disk, and say what to do; code 1 if something fails',
    )
    .option('--json', 'print the findings as one line of JSON', false)
    .action(async (options: { readonly json: boolean }) => {
      await runCommandAction(async () => {
        const findings = await examine();
        if (options.json) printResult(JSON.stringify(findings));
        else for (const finding of findings) printResult(findingText(finding));
        return findings.some((finding) => finding.status === 'fail') ? 1 : 0;
      }, options);
    });
}

async function examine(): Promise<readonly Finding[]> {
  const { readStackConfig } = await import('../../local-stack/index.js');
  const [node, tensorflow, cpu, redis, space] = await Promise.all([
    import('./check-node.js'),
    import('./check-tensorflow.js'),
    import('./check-cpu.js'),
    import('./check-redis.js'),
    import('./check-space.js'),
  ]);
  const config = readStackConfig(process.env);
  const groups = await Promise.all([
    tensorflow.checkTensorflow({ device: config.device, visible: config.visibleDevices }),
    cpu.checkCpu(),
    redis.checkRedis(config.redisUrl, config.cacheDirectory),
    space.checkSpace(config.dataDirectory),
  ]);
  return [node.checkNode(), ...groups.flat()];
}

function findingText(finding: Finding): string {
  const advice = finding.advice === undefined ? '' : `\n${' '.repeat(20)}-> ${finding.advice}`;
  return `${MARKS[finding.status]}  ${finding.subject.padEnd(13)} ${finding.detail}${advice}`;
}

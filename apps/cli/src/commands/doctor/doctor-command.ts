import { Command } from 'commander';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { runAction } from '../../action/run-action.js';
import type { Finding } from './finding.js';

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

/** `skiplane doctor`: looks at everything a run depends on, and says what to do about what is wrong. */
export function doctorCommand({ io }: CommandSetup): Command {
  return new Command('doctor')
    .description(
      'look at Node, TensorFlow, GPUs, CPU, Redis, memory and disk, and say what to do; code 1 if something fails',
    )
    .option('--json', 'print the findings as one line of JSON', false)
    .action((flags: { readonly json: boolean }) =>
      runAction(io, flags, async () => {
        const findings = await examine();
        io.out(flags.json ? JSON.stringify(findings) : findings.map(findingText).join('\n'));
        return findings.some((finding) => finding.status === 'fail') ? EXIT.runFailed : EXIT.ok;
      }),
    );
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
    tensorflow.checkTensorflow({ device: config.device, devices: config.devices, visible: config.visibleDevices }),
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

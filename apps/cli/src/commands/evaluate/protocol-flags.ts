import { protocolSchema, RefusedInputError, type EvaluationProtocol } from '#contracts';
import { Option, InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../../flags/whole-number.js';

export interface ProtocolFlags {
  readonly protocol: 'center' | 'ten-crop' | 'multi-scale';
  readonly resize?: number;
  readonly crop?: number;
  readonly shorterSides?: readonly number[];
  readonly flip?: boolean;
  readonly average?: 'softmax' | 'logits';
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  resize: '--resize',
  crop: '--crop',
  shorterSides: '--shorter-sides',
  flip: '--flip',
  average: '--average',
};

/** Adds the flags of `ProtocolFlags` to a command. */
export function addProtocolFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--protocol <kind>', 'center crop, 10-crop, or whole images at several sizes')
        .choices(['center', 'ten-crop', 'multi-scale'])
        .default('center'),
    )
    .option('--resize <n>', "shorter side before the crop; default: 256/224 of the network's side", wholeNumber(1))
    .option('--crop <n>', "side of the crop; default: the network's side", wholeNumber(1))
    .option('--shorter-sides <list>', 'of multi-scale; default: 224,256,384,480,640 of 224', numberList)
    .option('--flip', 'also evaluate mirrored images (center, multi-scale; 10-crop always does)')
    .addOption(
      new Option('--average <what>', "of an image's test crops: softmax scores (default) or logits").choices([
        'softmax',
        'logits',
      ]),
    );
}

/** The protocol the flags ask for. Throws RefusedInputError naming every flag that does not fit. */
export function protocolOf(flags: ProtocolFlags): EvaluationProtocol {
  const { protocol: kind, resize, crop, shorterSides, flip, average } = flags;
  const given = Object.entries({ resize, crop, shorterSides, flip, average }).filter(
    ([, value]) => value !== undefined,
  );
  const parsed = protocolSchema.safeParse({ kind, ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: FLAG_NAMES[key] ?? key, message: `means nothing for ${kind}` }));
    }
    return [{ path: FLAG_NAMES[String(issue.path[0])] ?? '--protocol', message: issue.message }];
  });
  throw new RefusedInputError('the protocol is refused', faults);
}

function numberList(text: string): readonly number[] {
  const values = text.split(',').map(Number);
  if (values.length === 0 || values.some((value) => !Number.isSafeInteger(value) || value < 1)) {
    throw new InvalidArgumentError('Expected whole numbers with commas between them, such as 224,256.');
  }
  return values;
}

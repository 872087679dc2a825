import { RefusedInputError } from '#contracts';

/** Of a file, what the table below looks at. */
export const START_BYTES = 512;

const RESAVE = 'in Python: torch.save(torch.load("old.pth", weights_only=True), "new.pth"), with PyTorch 1.6 or newer';

/** What files are that begin so, in hexadecimal, and what to do with them; the first that matches. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  // Protocol and magic number of torch.save before 1.6.
  [/^80028a0a6cfc9c46f9206aa85019/, `is a legacy file of PyTorch: save it anew, ${RESAVE}`],
  // The length of a safetensors header can begin like a protocol, but ends with zeros.
  [/^800[2-5](?!00)/, 'is a bare pickle, which is not read: load it in Python and save its weights with torch.save'],
  [
    /^.{514}7573746172/,
    `is a tar archive: unpack it; if it is a file of PyTorch before 0.1.10, save it anew, ${RESAVE}`,
  ],
  [/^(1f8b|425a68|fd377a585a|28b52ffd|377abcaf)/, 'is compressed: unpack it first'],
  [/^89484446/, 'is an HDF5 file, as Keras writes it: weights of PyTorch or safetensors are expected'],
  [/^934e554d5059/, 'is a NumPy array, not weights of PyTorch'],
  [/^47475546/, 'is a GGUF file: weights of PyTorch or safetensors are expected'],
];

/** The same of files that begin with text. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^version https:\/\/git-lfs/, 'is a Git LFS pointer, not the weights: get them with git lfs pull'],
  [/^\s*<(!doctype|html|\?xml)/i, 'is a web page, not weights: the download went wrong'],
  [/^[\t\n\r -~]{64}/, 'is text, not weights'],
];

/** Refuses a file that by its first bytes is neither safetensors nor a zip. */
export function refuseOtherFiles(start: Uint8Array): void {
  const bytes = Buffer.from(start);
  const [hex, text] = [bytes.toString('hex'), bytes.toString('latin1')];
  const kind = KINDS.find(([pattern]) => pattern.test(hex)) ?? TEXTS.find(([pattern]) => pattern.test(text));
  if (kind !== undefined) throw new RefusedInputError(kind[1]);
}

/** The first four bytes of a zip that holds files. */
export const isZip = (start: Uint8Array): boolean => Buffer.from(start.subarray(0, 4)).toString('hex') === '504b0304';

/** `node provision.mjs cpu|gpu`: gets that TensorFlow into an image being built, or fails. */
import { provisionTensorflow } from '#tensorflow-runtime';
import { defaultCacheDirectory } from '#provision';

const say = (line) => process.stderr.write(`${line}\n`);
const variant = process.argv[2];
if (variant !== 'cpu' && variant !== 'gpu') {
  say(`SKIPLANE_TENSORFLOW is cpu or gpu, but it is '${variant ?? ''}'`);
  process.exit(2);
}
const result = await provisionTensorflow({
  cacheDirectory: defaultCacheDirectory(process.env),
  variant,
  progress: { info: say, warn: say, bytes: () => undefined },
});
// An image that trains many times slower than it should is no image.
if (result.kind === 'portable') process.exitCode = 1;

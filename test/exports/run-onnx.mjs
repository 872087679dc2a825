// Runs ONNX files with ONNX Runtime, in a process of its own: node run-onnx.mjs JOBS.json
// A job is {model, shape, values}; prints a list of {logits, probabilities}.
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;
const jobs = JSON.parse(await readFile(process.argv[2], 'utf8'));
const answers = [];
for (const { model, shape, values } of jobs) {
  const session = await ort.InferenceSession.create(await readFile(model));
  const images = new ort.Tensor('float32', Float32Array.from(values), shape);
  const { logits, probabilities } = await session.run({ images });
  answers.push({ logits: [...logits.data], probabilities: [...probabilities.data] });
  await session.release();
}
console.log(JSON.stringify(answers));
process.exit(0);

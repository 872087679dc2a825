// Runs TensorFlow.js graph models, loaded over HTTP as a page would, in a process of its own: node run-tfjs.mjs JOBS.json
// A job is {model (a folder), shape, values}; prints a list of {logits, probabilities, metadata}.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

const jobs = JSON.parse(await readFile(process.argv[2], 'utf8'));
const server = createServer((request, response) => {
  const [, index, file] = request.url.split('/');
  readFile(join(jobs[Number(index)].model, file)).then(
    (bytes) => response.end(bytes),
    () => response.writeHead(404).end(),
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
tf.enableProdMode();
await tf.setBackend('cpu');
const answers = [];
for (const [index, { shape, values }] of jobs.entries()) {
  const model = await tf.loadGraphModel(`http://127.0.0.1:${server.address().port}/${index}/model.json`);
  const images = tf.tensor(values, shape, 'int32');
  const [logits, probabilities] = model.execute({ images }, ['logits', 'probabilities']);
  const read = (tensor) => [...tensor.dataSync()];
  answers.push({
    logits: read(logits),
    probabilities: read(probabilities),
    metadata: model.artifacts.userDefinedMetadata,
  });
}
console.log(JSON.stringify(answers));
process.exit(0);

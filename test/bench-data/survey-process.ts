/** Surveys a data set as the coordinator's process for it does, and says what that took. */
import { readFileSync } from 'node:fs';
import { datasetSchema } from '#contracts';
import { KeptDatasets } from '#dataset';

export interface SurveyMeasurement {
  readonly digest: string;
  readonly ms: number;
  readonly peakMb: number;
}

const [kind, path, folder = ''] = process.argv.slice(2);
const kept = new KeptDatasets({ folder });
const begun = performance.now();
const { digest } = await kept.inspect(datasetSchema.parse({ kind, path }));
const ms = performance.now() - begun;
const peakMb = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
const measurement: SurveyMeasurement = { digest, ms, peakMb };
console.log(JSON.stringify(measurement));

import type { DatasetSurveyView } from '#contracts';
import { formatCount } from '../format/format.js';

/** How much of the data set was looked at, in [0, 1]; null where nobody knows how much there is. */
export function surveyShare({ numSamples, numExpected }: DatasetSurveyView): number | null {
  return numExpected === null || numExpected === 0 ? null : Math.min(1, numSamples / numExpected);
}

/** `412,000 of 1,331,167 images`. */
export function surveyText({ numSamples, numExpected }: DatasetSurveyView): string {
  const of = numExpected === null ? '' : ` of ${formatCount(numExpected)}`;
  return `${formatCount(numSamples)}${of} ${numSamples === 1 && numExpected === null ? 'image' : 'images'}`;
}

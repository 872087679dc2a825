import { decoderConformance } from './testing/decoder-conformance.js';
import { portableDecoder } from './portable-decoder.js';

decoderConformance('the portable decoder', () => Promise.resolve(portableDecoder()));

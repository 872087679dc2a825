/** `npm run test:stores`: data sets in stores, with the real servers, and what other people's software writes and reads. */
import { playScenarios } from '../operations/play-scenarios.js';
import { CASES } from './cases.js';

const ABOUT = `Usage: npm run test:stores -- [options]

Plays cases with real stores: S3 by versitygw (built with Go) and moto (pip), HTTP by nginx (apt-get), faults by toxiproxy
(built with Go); Python's webdataset, datasets and pyarrow are the referees. What is missing is installed into the cache where
this can be done, else the case is skipped and says why.`;

await playScenarios(ABOUT, CASES);

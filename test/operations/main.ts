/** `npm run test:operations`: what operators put around a stack and what befalls it there, with the real programs. */
import { playScenarios } from './play-scenarios.js';
import { SCENARIOS } from './scenarios.js';

const ABOUT = `Usage: npm run test:operations -- [options]

Plays scenarios of operation with real programs; Debian packages that are missing are installed where this may be done (root
and apt-get), else the scenario is skipped. Some 20 s a scenario.`;

await playScenarios(ABOUT, SCENARIOS);

import type { Finding } from './finding.js';

const OLDEST = [20, 19] as const;
const TOO_NEW = 25;

/** The range that package.json's `engines` names. */
export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const detail = `Node ${version}`;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return {
      subject: 'Node',
      status: 'fail',
      detail,
      advice: `install Node ${OLDEST.join('.')} or newer (22 is a good choice)`,
    };
  }
  if (major >= TOO_NEW) {
    return {
      subject: 'Node',
      status: 'warn',
      detail,
      advice: `nobody has tried Skiplane on Node ${TOO_NEW} or newer; use 22 or 24`,
    };
  }
  return { subject: 'Node', status: 'ok', detail };
}

/** package.json's `engines`: 20.19 is the first with require(esm), which Nest 12 needs. */
const OLDEST = [20, 19];

/** Ends the process with a clear message where Node is too old. */
export function assertNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  console.error(`skiplane needs Node ${OLDEST.join('.')} or newer, but this is Node ${version} (${process.execPath}).`);
  console.error('Install a current one from https://nodejs.org or with your version manager (nvm install 22).');
  process.exit(1);
}

/**
 * The import table, rows in the order of the rooms: a row names all that a lib or an app may import. Imports run one way, from
 * later rows to earlier ones, and no app knows an app.
 */
const ALLOWED = {
  'libs/contracts': [],
  'libs/telemetry': ['contracts'],
  'libs/files': [],
  'libs/threads': ['contracts', 'telemetry'],
  'libs/vectors': ['contracts'],
  'libs/provision': ['files'],
  'libs/queue': ['contracts', 'telemetry', 'files', 'provision'],
  'libs/stores': ['contracts', 'files', 'telemetry'],
  'libs/dataset': ['contracts', 'telemetry', 'files', 'stores'],
  'libs/tensorflow-graph': [],
  'libs/tensorflow-runtime': ['contracts', 'telemetry', 'files', 'provision', 'tensorflow-graph'],
  'libs/data-loading': ['contracts', 'threads', 'vectors', 'dataset', 'tensorflow-graph', 'tensorflow-runtime'],
  'libs/resnet': ['contracts'],
  'libs/engine': [
    'contracts',
    'threads',
    'vectors',
    'tensorflow-graph',
    'tensorflow-runtime',
    'data-loading',
    'resnet',
  ],
  'libs/parameter-server': ['contracts', 'telemetry', 'vectors'],
  'libs/training': [
    'contracts',
    'telemetry',
    'files',
    'threads',
    'vectors',
    'stores',
    'dataset',
    'data-loading',
    'resnet',
    'engine',
    'parameter-server',
  ],
  'libs/evaluation': ['contracts', 'threads', 'vectors', 'dataset', 'data-loading', 'resnet', 'engine', 'training'],
  'libs/export': ['contracts', 'tensorflow-graph', 'data-loading', 'resnet', 'engine'],
  // The coordinator opens no TensorFlow: resnet, tensorflow-graph and export only encode.
  'apps/coordinator': [
    'contracts',
    'telemetry',
    'files',
    'threads',
    'queue',
    'stores',
    'dataset',
    'tensorflow-graph',
    'resnet',
    'export',
    'parameter-server',
  ],
  'apps/parameter-server': ['contracts', 'telemetry', 'parameter-server'],
  'apps/worker': [
    'contracts',
    'telemetry',
    'files',
    'threads',
    'provision',
    'queue',
    'stores',
    'dataset',
    'tensorflow-runtime',
    'data-loading',
    'resnet',
    'engine',
    'parameter-server',
    'training',
    'evaluation',
  ],
  'apps/dashboard': ['contracts'],
  'apps/cli': [
    'contracts',
    'telemetry',
    'files',
    'threads',
    'vectors',
    'provision',
    'queue',
    'stores',
    'dataset',
    'tensorflow-graph',
    'tensorflow-runtime',
    'data-loading',
    'resnet',
    'engine',
    'parameter-server',
    'evaluation',
    'export',
  ],
};

const importRules = Object.entries(ALLOWED).map(([room, allowed]) => ({
  name: room.replace('/', '-'),
  severity: 'error',
  comment: `${room} may import only: ${allowed.join(', ') || 'no lib'}`,
  from: { path: `^${room}/` },
  to: { path: '^(libs|apps)/', pathNot: [`^${room}/`, ...allowed.map((lib) => `^libs/${lib}/`)] },
}));

/** A room without a row could import anything. */
const NO_ROW = { path: '^(libs|apps)/[^/]+/', pathNot: Object.keys(ALLOWED).map((room) => `^${room}/`) };

module.exports = {
  forbidden: [
    ...importRules,
    { name: 'every-room-has-a-row', severity: 'error', from: NO_ROW, to: {} },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'libs-through-their-front-door',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!(testing/)?index\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'testing-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['/testing/', '\\.spec\\.ts$'] },
      to: { path: '^libs/[^/]+/src/testing/' },
    },
    {
      name: 'core-knows-no-framework',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: 'node_modules/@nestjs' },
    },
    // dist is what a build leaves; the check runs without one.
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '/dist/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    // Packages that are ES modules only, such as vite, are found by their exports.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

/** The import table: contracts and files <- telemetry, provision <- queue; each lib may import only what its row names. */
const ALLOWED = {
  contracts: [],
  telemetry: ['contracts'],
  files: [],
  provision: ['files'],
  queue: ['contracts', 'telemetry', 'files', 'provision'],
  'tensorflow-graph': [],
  'tensorflow-runtime': ['contracts', 'telemetry', 'files', 'provision', 'tensorflow-graph'],
  resnet: ['contracts', 'tensorflow-graph'],
  dataset: ['contracts', 'telemetry', 'files'],
  'data-loading': ['contracts', 'tensorflow-graph', 'tensorflow-runtime', 'dataset'],
  export: ['contracts', 'tensorflow-graph', 'resnet', 'data-loading'],
  'parameter-server': ['contracts', 'telemetry'],
  training: [
    'contracts',
    'telemetry',
    'files',
    'tensorflow-graph',
    'tensorflow-runtime',
    'resnet',
    'dataset',
    'data-loading',
    'parameter-server',
  ],
};

const libRules = Object.entries(ALLOWED).map(([lib, allowed]) => ({
  name: `lib-${lib}`,
  severity: 'error',
  comment: `libs/${lib} may import only: ${allowed.join(', ') || 'no other lib'}`,
  from: { path: `^libs/${lib}/` },
  to: { path: '^libs/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...libRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'no-app-knows-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'coordinator-loads-no-tensorflow',
      severity: 'error',
      from: { path: '^apps/(coordinator|parameter-server)/' },
      // resnet, tensorflow-graph and export only encode.
      to: { path: '^libs/(tensorflow-runtime|training)' },
    },
    {
      name: 'libs-through-their-front-door',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/' },
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

/**
 * The architecture as one ordered list: a capability may import only those before it.
 * What must travel the other way travels as an event (src/reactions.ts).
 */
const capabilities = [
  'access',
  'rules',
  'accounts',
  'identity',
  'licenses',
  'cases',
  'knowledge',
  'partners',
  'usage',
  'health',
  'segments',
  'insights',
  'alerts',
  'work',
  'consent',
  'content',
  'channels',
  'campaigns',
  'tracks',
  'portfolio',
  'reports',
];
const surfaces = ['public', 'portal', 'partner', 'console', 'panel', 'api'];

const at = (...folders) => `^src/(${folders.join('|')})/`;

const onlyEarlier = capabilities.slice(0, -1).map((name, index) => ({
  name: `${name}-knows-nothing-later`,
  from: { path: at(name) },
  to: { path: at(...capabilities.slice(index + 1)) },
}));

/** One door per library: everything else asks whoever stands at it. */
const oneDoor = (library, door) => ({
  name: `${library.replace(/\W/g, '')}-has-one-door`,
  from: { path: '^src/', pathNot: door },
  to: { path: `node_modules/(@types/)?${library}/`, dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'platform-is-the-floor',
      from: { path: at('platform') },
      to: { path: '^src/', pathNot: at('platform') },
    },
    {
      name: 'capabilities-know-no-web',
      from: { path: at(...capabilities) },
      to: { path: '^src/(web/|platform/http/|[^/]+$)' },
    },
    ...onlyEarlier,
    {
      name: 'private-files',
      comment: 'queries.ts belongs to its own capability; the mapping to Salesforce also to sync.ts',
      from: { path: '^src/([^/]+)/' },
      to: { path: '/queries\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'mapping-is-private',
      from: { path: '^src/([^/]+)/' },
      to: { path: '/salesforce\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'surfaces-are-strangers',
      from: { path: `^src/web/(${surfaces.join('|')})/` },
      to: { path: `^src/web/(${surfaces.join('|')})/`, pathNot: '^src/web/$1/' },
    },
    { name: 'roots-are-the-top', from: { path: '^src/.+/' }, to: { path: '^src/[^/]+\\.ts$' } },
    { name: 'src-knows-no-sandbox', from: { path: '^src/' }, to: { path: '^(sandbox|scripts|test|bench)/' } },
    { name: 'sandbox-knows-no-src', from: { path: '^sandbox/' }, to: { path: '^(src|scripts|test|bench)/' } },
    { name: 'scripts-know-no-test', from: { path: '^scripts/' }, to: { path: '^(test|bench)/' } },
    oneDoor('pg', '^src/platform/(db|copy|job-runner)\\.ts$'),
    oneDoor('jsforce', '^src/platform/salesforce/'),
    oneDoor('@platformatic/kafka', '^src/platform/kafka/broker\\.ts$'),
    oneDoor('@sendgrid', '^src/platform/mail'),
    oneDoor('express', '^src/(web/|platform/http/|app\\.ts|routes\\.ts)'),
    {
      name: 'not-to-dev-dependency',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'no-orphans',
      from: { orphan: true, path: '^src/', pathNot: '^src/(server|worker)\\.ts$' },
      to: {},
    },
  ].map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

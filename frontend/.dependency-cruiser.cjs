/**
 * Which folder may import which: app → routes → features → shared, "→" reads "may import".
 *
 * A feature imports itself and the features in PARTS, which other features are composed of; a part
 * imports only the parts before it. What two other features need belongs to shared/. Circles are
 * Biome's to find (noImportCycles).
 */
const PARTS = ['uploads', 'jobs', 'recordings'];

/** The rooms of shared/, likewise. */
const SHARED = ['domain', 'geometry', 'lib', 'api', 'ui'];

const folder = (name) => `^src/${name}/`;
const TESTS = '\\.test\\.tsx?$|/testing/|^src/test/';

/** Of rooms beside each other, only a later one may import an earlier one. */
const inOrder = (parent, rooms) =>
  rooms.map((room, i) => ({
    name: `order-in-${parent}`,
    comment: `The order is ${rooms.join(', ')}: each may import those before it.`,
    severity: 'error',
    from: { path: folder(`${parent}/${room}`), pathNot: TESTS },
    to: {
      path: folder(parent),
      pathNot: rooms.slice(0, i + 1).map((name) => folder(`${parent}/${name}`)),
    },
  }));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'shared-knows-nobody',
      comment: 'shared/ is used by all and uses none of them.',
      severity: 'error',
      from: { path: folder('shared') },
      to: { path: '^src/', pathNot: folder('shared') },
    },
    {
      name: 'features-know-no-page',
      comment: 'A feature is shown by routes; it reads its address with getRouteApi.',
      severity: 'error',
      from: { path: folder('features') },
      to: { path: '^src/(app|routes|[^/]+$)' },
    },
    {
      name: 'routes-know-no-app',
      comment: 'app/ assembles the routes.',
      severity: 'error',
      from: { path: folder('routes') },
      to: { path: '^src/(app/|[^/]+$)' },
    },
    {
      name: 'features-stand-apart',
      comment: `Of other features, only ${PARTS.join(', ')}.`,
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: {
        path: folder('features'),
        pathNot: [folder('features/$1'), ...PARTS.map((part) => folder(`features/${part}`))],
      },
    },
    ...inOrder('features', PARTS),
    ...inOrder('shared', SHARED),
    {
      name: 'no-test-helper-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'resolvable',
      comment: 'A typing error, or a rule above that would not see the import.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // Packages name their modules in "exports" (three/addons).
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default', 'types'],
    },
    exclude: { path: '\\.(css|json)$' },
  },
};

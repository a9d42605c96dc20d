/**
 * The dependency rule of the design, for machines. One rule forbids one direction; its comment says why.
 * Ranks inside src-node: main > api > notify, auth, naming, disk-cache > raft-driver > raft, raft-log, peers, state-machine, storage; any > observe.
 */

/** Unit tests and what only they use, beside the code. */
const unitTest = '\\.(test|testing|test-support)\\.tsx?$'
const inNode = (...folders) => `^src-node/(${folders.join('|')})/`
/** Types that lower ranks implement for higher ones, and the one options table: they may be named by anybody in src-node, as types. */
const sharedTypes = '^src-node/(raft-driver/ports|raft/types|state-machine/types|storage/types|options)\\.ts$'

/** `folder` may reach only itself, what stands in `allowed`, observe, and shared types. */
const rank = (folder, allowed) => ({
  name: `rank-${folder}`,
  severity: 'error',
  comment: `src-node/${folder} may use ${['itself', ...allowed, 'observe'].join(', ')}, and shared types; nothing above it`,
  from: { path: inNode(folder), pathNot: unitTest },
  to: { path: '^src-node/', pathNot: [inNode(folder, 'observe', ...allowed), sharedTypes] },
})

const lowest = ['raft', 'raft-log', 'peers', 'state-machine', 'storage']
const middle = ['notify', 'auth', 'naming', 'disk-cache']

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'two modules that need each other at run time are one module',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'an import that nothing answers',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\?' },
    },
    {
      name: 'pure-raft',
      severity: 'error',
      comment: 'the consensus core imports nothing from outside its folder: no node:*, no package, nothing of ours',
      from: { path: inNode('raft'), pathNot: unitTest },
      to: { pathNot: inNode('raft') },
    },
    {
      name: 'pure-state-machine',
      severity: 'error',
      comment: 'the state machine imports nothing from outside its folder',
      from: { path: inNode('state-machine'), pathNot: unitTest },
      to: { pathNot: inNode('state-machine') },
    },
    rank('observe', []),
    rank('raft-log', ['raft', 'storage']),
    rank('peers', ['raft']),
    rank('storage', []),
    rank('raft-driver', lowest),
    rank('notify', [...lowest, 'raft-driver']),
    rank('auth', [...lowest, 'raft-driver']),
    rank('naming', [...lowest, 'raft-driver']),
    rank('disk-cache', [...lowest, 'raft-driver']),
    rank('api', [...lowest, 'raft-driver', ...middle]),
    {
      name: 'shared-types-are-types',
      severity: 'error',
      comment: 'ports and options are named from below as types only; a value would turn the ranks round',
      from: { path: inNode('observe', ...lowest), pathNot: [unitTest, inNode('raft', 'state-machine')] },
      to: { path: '^src-node/(raft-driver/ports|options)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'storage-knows-only-types-of-the-machine',
      severity: 'error',
      comment: "storage keeps rows; what they mean is the state machine's business",
      from: { path: inNode('storage'), pathNot: unitTest },
      to: { path: inNode('state-machine'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'options-stand-alone',
      severity: 'error',
      comment: 'options.ts is a leaf: every setting, its default and its reason',
      from: { path: '^src-node/options\\.ts$' },
      to: { path: '^src-' },
    },
    {
      name: 'only-main-knows-all',
      severity: 'error',
      comment: 'the worker builds the node and the node its parts; no part may build them',
      from: { path: '^src-node/', pathNot: [unitTest, '^src-node/(main|alone|worker|node)\\.ts$'] },
      to: { path: '^src-node/(main|alone|worker|node)\\.ts$' },
    },
    {
      name: 'only-the-node-is-wired',
      severity: 'error',
      comment: 'wiring/ puts the areas of a node together for node.ts; no part may reach for its own wiring',
      from: { path: '^src-node/', pathNot: [unitTest, '^src-node/(node\\.ts$|wiring/)'] },
      to: { path: inNode('wiring') },
    },
    {
      name: 'node-stands-alone',
      severity: 'error',
      comment: 'a node worker knows nothing of its supervisor, of Electron or of the console',
      from: { path: '^src-node/' },
      to: { path: '^(src-main|src-renderer)/|(^|/)node_modules/electron/' },
    },
    {
      name: 'main-meets-nodes-at-the-channel',
      severity: 'error',
      comment: 'src-main speaks to a node as any client does; it may name the parent channel and nothing else of src-node',
      from: { path: '^src-main/' },
      to: { path: '^src-node/', pathNot: '^src-node/observe/channel\\.ts$' },
    },
    {
      name: 'main-without-renderer',
      severity: 'error',
      comment: 'the renderer is loaded as a built page, never imported',
      from: { path: '^src-main/' },
      to: { path: '^src-renderer/' },
    },
    {
      name: 'contract-stands-alone',
      severity: 'error',
      comment: 'the contract imports nothing of ours and nothing of the system: it runs in every process',
      from: { path: '^src-main/contract/', pathNot: unitTest },
      to: { pathNot: ['^src-main/contract/', '(^|/)node_modules/(@orpc/contract|zod)/'] },
    },
    {
      name: 'headless-without-electron',
      severity: 'error',
      comment: 'the cluster must run where no Electron exists',
      from: { path: '^src-main/(headless|standalone|cli)\\.ts$' },
      to: { path: '(^|/)node_modules/electron/|^electron$', reachable: true },
    },
    {
      name: 'renderer-knows-the-contract-only',
      severity: 'error',
      comment: 'a sandboxed page: no main process code, no node worker code',
      from: { path: '^src-renderer/' },
      to: { path: '^(src-main|src-node)/', pathNot: '^src-main/contract/' },
    },
    {
      name: 'renderer-without-system',
      severity: 'error',
      comment: 'a sandboxed page has no node:* and no Electron',
      from: { path: '^src-renderer/', pathNot: unitTest },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'renderer-without-electron',
      severity: 'error',
      comment: 'a sandboxed page has no Electron',
      from: { path: '^src-renderer/' },
      to: { path: '(^|/)node_modules/electron/' },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      comment: 'the product does not depend on its tests',
      from: { path: '^src-', pathNot: unitTest },
      to: { path: `^test/|${unitTest}` },
    },
    {
      name: 'shipped-needs-are-dependencies',
      severity: 'error',
      comment: 'main and the nodes run unbundled packages: what they import must be in "dependencies"; the packager\'s hooks never run at a user\'s',
      from: { path: '^src-(main|node)/', pathNot: [unitTest, '^src-main/package/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '(^|/)node_modules/electron/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.css', '.d.ts'],
    },
    exclude: { path: '^(out|dist|test-results)/' },
  },
}

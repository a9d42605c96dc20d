/**
 * The suites. `test/run.ts` runs them by project name and decides which tools a machine has; a single file runs with
 * `npx vitest run --project unit path`.
 */

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const perTestMs = { short: 15_000, database: 60_000, simulated: 300_000, processes: 180_000, driven: 240_000 } as const

/** Suites of real processes share two cores and real ports: one file at a time. */
const oneByOne = { fileParallelism: false, maxWorkers: 1 }

/** They replace a module, which no other file may see, nor what was loaded with it. `npm run check` demands the name. */
const mocked = '{src-node,src-main,test}/**/*.mocked.test.ts'

/** Of `test/api`: what asks real nodes. The rest of that folder are unit tests. */
const apiOnNodes = ['endpoints/endpoints', 'recorded/recorded'].map((name) => `test/api/${name}.test.ts`)

/** `npm run test:clients`, no suite of `npm test`: it makes what those in other languages need, and waits for limits of theirs. */
const clients = ['test/api/clients/clients.test.ts']

/**
 * Real processes too, but what takes their time is waiting, for what is late or for a long limit; no bound in them is near what a busy machine
 * does. Two of these files run side by side. A file that is not named here has the machine to itself.
 */
const patient = [
  ...['start-and-end', 'quorum-lost', 'zip', 'members', 'rebuild', 'notices', 'auth', 'grpc'].map((name) => `test/cluster-life/${name}.test.ts`),
  ...['storage-move', 'snapshot', 'history', 'existing-database', 'mysql-rows'].map((name) => `test/cluster-life/${name}.test.ts`),
  ...['request-ids', 'named-snapshots', 'all-killed'].map((name) => `test/cluster-life/${name}.test.ts`),
  ...['test/cluster/supervision.test.ts', 'test/conformance/sqlite.test.ts', 'test/conformance/mysql.test.ts'],
  ...['test/crash/full-disk.test.ts', ...apiOnNodes],
]

export default defineConfig({
  test: {
    // `npm run test:coverage`: the two pure folders, all of whose lines unit tests and scripts must reach.
    coverage: {
      provider: 'v8',
      include: ['src-node/{raft,state-machine}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/types.ts'],
      reporter: ['text'],
      thresholds: { lines: 100, branches: 98 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          // One process for all files of a worker: loading the same modules for each took longer than most of the tests. What a test leaves in it, it takes away.
          isolate: false,
          include: [
            'src-node/**/*.test.ts',
            'src-main/**/*.test.ts',
            'test/{api,check,raft,storage,fuzz,linear,security,runner,support,mutation}/**/*.test.ts',
          ],
          exclude: ['test/storage/mysql*.test.ts', mocked, ...apiOnNodes, ...clients],
          testTimeout: perTestMs.short,
        },
      },
      { test: { name: 'mocked', environment: 'node', include: [mocked], testTimeout: perTestMs.short } },
      {
        test: {
          name: 'mysql',
          environment: 'node',
          include: ['test/storage/mysql*.test.ts'],
          testTimeout: perTestMs.database,
          hookTimeout: perTestMs.processes,
          ...oneByOne,
        },
      },
      {
        test: {
          name: 'namespaces',
          environment: 'node',
          include: ['test/namespaces/**/*.test.ts'],
          testTimeout: perTestMs.processes,
          hookTimeout: perTestMs.processes,
          ...oneByOne,
        },
      },
      { test: { name: 'sim', environment: 'node', include: ['test/sim/**/*.test.ts'], testTimeout: perTestMs.simulated } },
      {
        plugins: [react()],
        test: {
          name: 'renderer',
          environment: 'jsdom',
          // One browser for all files of a worker: making one took half of the suite's time. What a test leaves in it, it takes away itself.
          isolate: false,
          include: ['src-renderer/**/*.test.{ts,tsx}'],
          testTimeout: perTestMs.short,
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          include: ['test/{cluster*,chaos,crash}/**/*.test.ts'],
          exclude: patient,
          testTimeout: perTestMs.processes,
          hookTimeout: perTestMs.processes,
          ...oneByOne,
        },
      },
      {
        test: {
          name: 'patient',
          environment: 'node',
          include: patient,
          testTimeout: perTestMs.processes,
          hookTimeout: perTestMs.processes,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'clients',
          environment: 'node',
          include: clients,
          testTimeout: perTestMs.processes,
          hookTimeout: perTestMs.processes,
          ...oneByOne,
        },
      },
      {
        test: {
          name: 'e2e-browser',
          environment: 'node',
          include: ['test/e2e/browser/**/*.test.ts'],
          testTimeout: perTestMs.driven,
          hookTimeout: perTestMs.driven,
          ...oneByOne,
        },
      },
      {
        test: {
          name: 'e2e-electron',
          environment: 'node',
          include: ['test/e2e/electron/**/*.test.ts'],
          testTimeout: perTestMs.driven,
          hookTimeout: perTestMs.driven,
          ...oneByOne,
        },
      },
    ],
  },
})

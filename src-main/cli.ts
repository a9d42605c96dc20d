#!/usr/bin/env -S node --max-semi-space-size=8
/**
 * `nacos-trio`, the command of the built package: the cluster without a window, or one node of it. Everything is loaded by what is asked for. The flag
 * above is that of a worker (cluster/launcher.ts): what this process runs may be a node.
 */

import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const oldestNode = { major: 22, minor: 18 }

const usage = `Usage: nacos-trio headless [options]   a whole cluster on this machine, without a window
       nacos-trio node [options]       one node of a cluster, in the foreground
"nacos-trio node --help" and "nacos-trio headless --help" tell the options.`

const fail = (words: string): never => {
  process.stderr.write(`${words}\n`)
  process.exit(1)
}

const main = async (): Promise<void> => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode.major || (major === oldestNode.major && minor < oldestNode.minor))
    fail(`Nacos Trio needs Node ${oldestNode.major}.${oldestNode.minor} or newer, this is ${process.versions.node}.`)
  const [mode, ...args] = process.argv.slice(2)
  const start = { args, root, cwd: process.cwd() }
  if (mode === 'node') await (await import('./standalone.ts')).runStandalone(start)
  else if (mode === 'headless') await (await import('./headless.ts')).runHeadless(start)
  else fail(usage)
}

await main()

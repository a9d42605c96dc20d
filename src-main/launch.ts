/**
 * Where `npm start` and `npm run headless` begin: run by Node straight from source. Builds if the sources are newer, then opens the app, or goes
 * on as headless in this same process, so that its pid stays. Imports nothing at the top but Node's own modules: it must load fast, and
 * on a Node that is too old it must still load far enough to say so.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const oldest = { major: 22, minor: 18 }

interface Headless {
  readonly runHeadless: (start: { readonly args: readonly string[]; readonly root: string; readonly cwd: string }) => Promise<void>
}

/** Under `npm run` the working directory is the project; the user's own is elsewhere. */
const userDirectory = (): string => (process.env.npm_lifecycle_event === undefined ? process.cwd() : (process.env.INIT_CWD ?? process.cwd()))

const fail = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const checkNode = (): void => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return
  fail(
    `Nacos Trio needs Node ${oldest.major}.${oldest.minor} or newer, this is ${process.versions.node}: run "npm install", which brings Node 24, and start it with npm.`,
  )
}

const build = async (): Promise<void> => {
  // An installed copy without sources has nothing to build.
  if (!existsSync(join(root, 'electron.vite.config.ts'))) return
  const { isBuilt } = await import('./launch/build-state.ts')
  if (isBuilt(root)) return
  const { buildOnce } = await import('./launch/build.ts')
  const problem = await buildOnce(root)
  if (problem !== null) fail(problem)
}

const headless = async (args: readonly string[]): Promise<void> => {
  const { runHeadless } = (await import(pathToFileURL(join(root, 'out', 'main', 'headless.js')).href)) as Headless
  await runHeadless({ args, root, cwd: userDirectory() })
}

const app = async (args: readonly string[]): Promise<void> => {
  const { findWayToOpen } = await import('./launch/electron.ts')
  const way = await findWayToOpen(root, args)
  if (way.kind === 'headless') {
    process.stderr.write(`${way.sentence}\n`)
    const { withoutChromiumFlags } = await import('./launch/electron.ts')
    await headless(withoutChromiumFlags(args))
    return
  }
  const { runElectron } = await import('./launch/electron.ts')
  process.exit(await runElectron({ binary: way.binary, root, args, cwd: userDirectory() }))
}

const main = async (): Promise<void> => {
  checkNode()
  const [mode, ...args] = process.argv.slice(2)
  if (mode !== 'app' && mode !== 'headless') fail('Usage: node src-main/launch.ts app|headless [options]')
  await build()
  await (mode === 'app' ? app(args) : headless(args))
}

await main()

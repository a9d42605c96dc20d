/** npm `@nacos-group/cli`, unchanged: a program that is run once for each order, configurations over HTTP v3. It knows one server; the first that answers. */

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { optionsGiven, serve } from './speak.ts'

const { servers, namespace, username, password } = optionsGiven()
const entry = fileURLToPath(new URL('bin/cli.js', import.meta.resolve('@nacos-group/cli/package.json')))
const limitMs = 10_000

interface Said {
  readonly out: string
  readonly problem: string | null
}

/** Its own server must always be said: without, it would take one that is not ours. */
const run = (server: string, args: readonly string[]): Promise<Said> =>
  new Promise((done) => {
    const { hostname, port } = new URL(`http://${server}`)
    const who = username === undefined || password === undefined ? [] : ['-u', username, '-p', password]
    const where = ['--host', hostname, '--port', port, ...(namespace === '' ? [] : ['-n', namespace])]
    execFile(process.execPath, [entry, ...args, ...where, ...who], { timeout: limitMs }, (error, out, err) =>
      done({ out, problem: error === null ? null : err.trim() || error.message }),
    )
  })

const anyServer = async (args: readonly string[]): Promise<string> => {
  let problem = 'no server'
  for (const server of servers) {
    const said = await run(server, args)
    if (said.problem === null) return said.out
    problem = said.problem
    if (!/connect|refused|reset|EOF/i.test(problem)) break
  }
  throw new Error(problem)
}

/** The content stands behind the second rule of the picture that it draws. */
const contentIn = (out: string): string => out.split(/^═+\n/m).at(-1)?.replace(/\n$/, '') ?? ''

serve({
  get: async ({ dataId, group }) => {
    try {
      return contentIn(await anyServer(['config-get', dataId, group]))
    } catch (error) {
      if (error instanceof Error && /not (exist|found)/i.test(error.message)) return null
      throw error
    }
  },
  // By a file: of what it reads from stdin it drops the last newline.
  publish: async ({ dataId, group, content }) => {
    const file = join(process.env.HOME ?? '.', dataId)
    await writeFile(file, content)
    return /published successfully/.test(await anyServer(['config-set', dataId, group, '--file', file]))
  },
})

/**
 * Machines of one's own: network namespaces with a cable between each two, that run through a hub where each can be pulled alone. Names are those of
 * an /etc/hosts for each machine. Owns what it makes, by names that hold this process's id, and takes all of it away. Needs root.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Before the namespaces: `ip netns exec` shows a machine the files in there as its /etc. */
const etc = '/etc/netns'
const limitMs = 10_000

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { timeout: limitMs, stdio: ['ignore', 'ignore', 'pipe'] })
}

export const createNetwork = (machines: number) => {
  const ids = Array.from({ length: machines }, (_, at) => at + 1)
  const nameOf = (id: number) => `trio-${process.pid}-${id}`
  const hub = `trio-${process.pid}-hub`
  const addresses = new Map(ids.map((id) => [id, `10.99.0.${id}`]))
  const addressOf = (id: number): string => addresses.get(id) ?? ''
  const othersOf = (id: number) => ids.filter((each) => each !== id)
  const hubEnd = (from: number, to: number) => `h-${from}-${to}`

  const writeHosts = (): void => {
    const lines = ['127.0.0.1 localhost', ...ids.map((id) => `${addressOf(id)} node-${id}.trio`)]
    for (const id of ids) {
      mkdirSync(join(etc, nameOf(id)), { recursive: true })
      // In place: what is mounted is this file, not its name.
      writeFileSync(join(etc, nameOf(id), 'hosts'), `${lines.join('\n')}\n`)
    }
  }
  const settle = (id: number): void => {
    ip('-n', nameOf(id), 'addr', 'add', `${addressOf(id)}/32`, 'dev', 'lo')
    for (const other of othersOf(id)) ip('-n', nameOf(id), 'route', 'add', `${addressOf(other)}/32`, 'dev', `to-${other}`, 'src', addressOf(id))
  }
  const lay = (from: number, to: number): void => {
    ip('link', 'add', `to-${to}`, 'netns', nameOf(from), 'type', 'veth', 'peer', 'name', hubEnd(from, to), 'netns', hub)
    ip('-n', hub, 'link', 'set', hubEnd(from, to), 'master', `b-${Math.min(from, to)}-${Math.max(from, to)}`, 'up')
    ip('-n', nameOf(from), 'link', 'set', `to-${to}`, 'up')
  }
  const build = (): void => {
    for (const name of [hub, ...ids.map(nameOf)]) ip('netns', 'add', name)
    for (const from of ids)
      for (const to of ids.filter((each) => each > from)) ip('-n', hub, 'link', 'add', `b-${from}-${to}`, 'up', 'type', 'bridge')
    for (const from of ids) {
      ip('-n', nameOf(from), 'link', 'set', 'lo', 'up')
      for (const to of othersOf(from)) lay(from, to)
      settle(from)
    }
    writeHosts()
  }
  const close = (): void => {
    for (const name of [hub, ...ids.map(nameOf)]) {
      try {
        ip('netns', 'del', name)
      } catch {
        // It was not made, or is gone.
      }
      rmSync(join(etc, name), { recursive: true, force: true })
    }
  }

  try {
    build()
  } catch (error) {
    close()
    throw error
  }
  return {
    ids,
    addressOf,
    /** The command that runs another one there; the process is the other one's own. */
    inside: (id: number): readonly string[] => ['ip', 'netns', 'exec', nameOf(id)],
    /** The cable between two is pulled: no packet comes through, and no socket hears of it. */
    cut: (a: number, b: number): void => ip('-n', hub, 'link', 'set', hubEnd(a, b), 'down'),
    mend: (a: number, b: number): void => ip('-n', hub, 'link', 'set', hubEnd(a, b), 'up'),
    /** The machine gets another address under its name, as a pod that is made anew. */
    move: (id: number): void => {
      const old = addressOf(id)
      const fresh = `10.99.1.${id}`
      addresses.set(id, fresh)
      ip('-n', nameOf(id), 'addr', 'del', `${old}/32`, 'dev', 'lo')
      ip('-n', nameOf(id), 'addr', 'add', `${fresh}/32`, 'dev', 'lo')
      for (const other of othersOf(id)) {
        ip('-n', nameOf(other), 'route', 'del', `${old}/32`)
        ip('-n', nameOf(other), 'route', 'add', `${fresh}/32`, 'dev', `to-${id}`, 'src', addressOf(other))
        ip('-n', nameOf(id), 'route', 'replace', `${addressOf(other)}/32`, 'dev', `to-${other}`, 'src', fresh)
      }
      writeHosts()
    },
    close,
  }
}

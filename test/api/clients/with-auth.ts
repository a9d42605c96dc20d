/**
 * Auth is switched on in a cluster that works: a client without a password is refused then, one with a password goes on. The users are made over
 * HTTP, as an administrator would.
 */

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { send } from '../../support/http.ts'
import { publishOnce } from '../../support/nacos.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { Problems } from './kills.ts'
import type { Command } from './program.ts'
import type { Scene, Subject } from './scene.ts'
import { ports } from './service-actions.ts'
import type { ClientRow } from './table.ts'

const group = 'DEFAULT_GROUP'
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

export interface WithAuth {
  readonly refused: Problems
  readonly works: Problems
}

/** Of a cluster that nobody has been let into yet. */
const makeAdministrator = async ({ cluster, bases }: Scene): Promise<{ readonly username: string; readonly password: string }> => {
  await cluster.command('auth on')
  const password = randomBytes(12).toString('hex')
  const body = new URLSearchParams({ password }).toString()
  const answer = await send(bases[0] ?? '', { method: 'POST', path: '/nacos/v1/auth/users/admin', headers: formHeaders, body })
  expect(JSON.parse(answer.text)).toEqual({ username: 'nacos', password })
  const login = new URLSearchParams({ username: 'nacos', password }).toString()
  for (const base of bases)
    await waitUntil(`${base} to know the administrator`, async () => {
      const { status } = await send(base, { method: 'POST', path: '/nacos/v1/auth/login', headers: formHeaders, body: login })
      return status === 200
    })
  return { username: 'nacos', password }
}

/** Written while the door was open. */
const secret = 'auth-secret'

const registers = ({ row, program }: Subject): Promise<unknown> =>
  program.ask('register', { service: `auth-${row.name}`, group, instance: { ip: '127.0.0.1', port: 7_041 } })

/** Refused, in whatever manner the client says it; never done. */
const isRefused = async (subject: Subject): Promise<void> => {
  const { row, program } = subject
  const orNothing = <T>(asked: Promise<T>): Promise<T | null> => asked.catch(() => null)
  const [published, got] = await Promise.all([
    orNothing(program.ask('publish', { dataId: `stranger-${row.name}`, group, content: 'a' })),
    orNothing(program.ask('get', { dataId: secret, group })),
  ])
  expect({ published: published === true, got: got === null || got === '' ? null : got }).toEqual({ published: false, got: null })
  if (row.services === null) return
  const registered = await registers(subject).then(
    () => true,
    () => false,
  )
  expect({ registered }).toEqual({ registered: false })
}

const works = async (subject: Subject): Promise<void> => {
  const { row, program } = subject
  const dataId = `friend-${row.name}`
  expect(await program.ask('publish', { dataId, group, content: 'with a password' })).toBe(true)
  await waitUntil('it to get what it wrote', async () => (await program.ask('get', { dataId, group })) === 'with a password')
  if (row.services === null) return
  await registers(subject)
  await waitUntil('it to see its instance', async () => ports(await program.ask('instances', { service: `auth-${row.name}`, group })) === '7041')
}

interface Guests {
  readonly refused: readonly ClientRow[]
  readonly works: readonly ClientRow[]
  commandOf(name: string): Promise<Command>
}

/** What went wrong, by client. Auth stays on. */
export const knockAtTheDoor = async (scene: Scene, guests: Guests): Promise<WithAuth> => {
  await publishOnce(scene.bases[0], { dataId: secret }, 'nobody knows')
  const who = await makeAdministrator(scene)
  const visit = async (rows: readonly ClientRow[], run: (subject: Subject) => Promise<void>, as?: typeof who): Promise<Problems> => {
    const problems = new Map<string, readonly string[]>()
    for (const row of rows) {
      try {
        await run(await scene.client(row, await guests.commandOf(row.name), as))
        problems.set(row.name, [])
      } catch (error) {
        problems.set(row.name, [error instanceof Error ? error.message : String(error)])
      }
    }
    return problems
  }
  return { refused: await visit(guests.refused, isRefused), works: await visit(guests.works, works, who) }
}

/** Three real nodes, and the clients in front of them. Owns both; `end` leaves neither. */

import { connect } from 'node:net'
import { type HeadlessCluster, startHeadless } from '../../support/headless.ts'
import { send } from '../../support/http.ts'
import { isNotServed } from '../endpoints/ask.ts'
import { type Command, type Program, startProgram } from './program.ts'
import type { ClientRow, Feature } from './table.ts'

export interface Subject {
  readonly row: ClientRow
  readonly program: Program
}

export interface Scene {
  readonly cluster: HeadlessCluster
  readonly bases: readonly string[]
  /** `host:port` of each node, as clients are given them. */
  readonly servers: readonly string[]
  client(row: ClientRow, command: Command, who?: { readonly username: string; readonly password: string }): Promise<Subject>
  end(): Promise<void>
}

export const startScene = async (): Promise<Scene> => {
  const cluster = await startHeadless({ args: ['--no-console'] })
  const programs: Program[] = []
  const servers = cluster.bases.map((base) => new URL(base).host)
  return {
    ...{ cluster, servers, bases: cluster.bases },
    client: async (row, command, who) => {
      const program = await startProgram(command, { servers, namespace: '', ...who })
      programs.push(program)
      return { row, program }
    },
    end: async () => {
      await Promise.all(programs.map((program) => program.end()))
      await cluster.stop()
    },
  }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (open: boolean) => (): void => {
      socket.destroy()
      done(open)
    }
    socket.once('connect', end(true)).once('error', end(false)).setTimeout(1_000, end(false))
  })

const serves = async (base: string, path: string): Promise<boolean> => !isNotServed(await send(base, { path }))

/** What a node of this cluster serves, found out by asking it. */
export const featuresOf = async ({ bases }: Scene): Promise<readonly Feature[]> => {
  const base = bases[0] ?? ''
  const found: readonly (readonly [Feature, boolean])[] = [
    ['configurations over HTTP v1', await serves(base, '/nacos/v1/cs/configs?dataId=a&group=b')],
    ['configurations over HTTP v3', await serves(base, '/nacos/v3/client/cs/config?dataId=a&groupName=b')],
    ['configurations over gRPC', await isOpen(Number(new URL(base).port) + 1_000)],
    ['services over HTTP v1', await serves(base, '/nacos/v1/ns/instance/list?serviceName=a')],
    ['users', await serves(base, '/nacos/v1/auth/users?pageNo=1&pageSize=1&search=accurate')],
  ]
  return found.flatMap(([feature, yes]) => (yes ? [feature] : []))
}

/** Three real nodes, and the clients in front of them. Owns both; `end` leaves neither. */

import { connectGrpc } from '../../../src-node/api/grpc/client.testing.ts'
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

/** Of nacos-grpc 3: no handler for this type. */
const noHandler = 302

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

/** Asks for both over one connection; a node that does not speak gRPC serves neither. */
const overGrpc = async (port: number): Promise<{ readonly configs: boolean; readonly services: boolean }> => {
  const client = connectGrpc(port)
  try {
    await client.register()
    const knows = async (type: string, body: object): Promise<boolean> => (await client.call(type, body)).body.errorCode !== noHandler
    return {
      configs: await knows('ConfigQueryRequest', { dataId: 'a', group: 'b', tenant: '' }),
      services: await knows('ServiceListRequest', { namespace: 'public', groupName: 'b', pageNo: 1, pageSize: 1 }),
    }
  } catch {
    return { configs: false, services: false }
  } finally {
    client.close()
  }
}

const serves = async (base: string, path: string): Promise<boolean> => !isNotServed(await send(base, { path }))

/** What a node of this cluster serves, found out by asking it. */
export const featuresOf = async ({ bases }: Scene): Promise<readonly Feature[]> => {
  const base = bases[0] ?? ''
  const grpc = await overGrpc(Number(new URL(base).port) + 1_000)
  const found: readonly (readonly [Feature, boolean])[] = [
    ['configurations over HTTP v1', await serves(base, '/nacos/v1/cs/configs?dataId=a&group=b')],
    ['configurations over HTTP v3', await serves(base, '/nacos/v3/client/cs/config?dataId=a&groupName=b')],
    ['configurations over gRPC', grpc.configs],
    ['services over HTTP v1', await serves(base, '/nacos/v1/ns/instance/list?serviceName=a')],
    ['services over gRPC', grpc.services],
    ['users', await serves(base, '/nacos/v1/auth/users?pageNo=1&pageSize=1&search=accurate')],
  ]
  return found.flatMap(([feature, yes]) => (yes ? [feature] : []))
}

/** For tests: a server over the fake node, and words for what clients of naming do. */

import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer } from '../server.ts'

export const startNamingServer = async () => {
  const node = createFakeNode()
  const server = createHttpServer(node.parts)
  const port = await server.listen('127.0.0.1', 0)
  const call = createCaller(() => port)
  const query = (fields: Record<string, string | number>) =>
    new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString()
  /** What came back, as status and text. */
  const ask = async (method: string, path: string, fields: Record<string, string | number> = {}, headers: Record<string, string> = {}) => {
    const text = query(fields)
    const { status, text: body } = await call(method, `/nacos${path}${text === '' ? '' : `?${text}`}`, undefined, headers)
    return [status, body] as const
  }
  const json = async (method: string, path: string, fields: Record<string, string | number> = {}) => {
    const [status, body] = await ask(method, path, fields)
    return [status, JSON.parse(body)] as const
  }
  const register = (fields: Record<string, string | number> = {}) =>
    ask('POST', '/v1/ns/instance', { serviceName: 'svc', ip: '10.0.0.5', port: 8080, ...fields })
  const hosts = async (serviceName = 'svc') => (await json('GET', '/v1/ns/instance/list', { serviceName }))[1].hosts
  const close = async () => {
    node.parts.polls.closeAll()
    await server.close(0)
  }
  return { node, port, call, ask, json, register, hosts, close }
}

export type NamingServer = Awaited<ReturnType<typeof startNamingServer>>

/** The envelope of v2 and v3 around a success. */
export const success = (data: unknown) => [200, { code: 0, message: 'success', data }]

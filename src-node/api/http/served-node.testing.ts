/** For tests: a fake node behind the real server, new for each test of the file that asks for it. */

import { afterEach, beforeEach } from 'vitest'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

export const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

export const servedNode = () => {
  let node = createFakeNode()
  let server: NodeHttpServer
  let port = 0
  beforeEach(async () => {
    node = createFakeNode()
    server = createHttpServer(node.parts)
    port = await server.listen('127.0.0.1', 0)
  })
  afterEach(async () => {
    node.parts.polls.closeAll()
    await server.close(0)
  })
  const call = createCaller(() => port)
  const get = async (path: string) => {
    const { status, text } = await call('GET', path)
    return { status, text, body: /^[[{]/.test(text) ? JSON.parse(text) : undefined }
  }
  const publish = (fields: Record<string, string> = {}) =>
    call('POST', '/nacos/v1/cs/configs', form({ dataId: 'd', group: 'G', content: 'x', ...fields }))
  return { node: () => node, server: () => server, port: () => port, call, get, publish }
}

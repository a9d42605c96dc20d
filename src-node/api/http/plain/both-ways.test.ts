/** The same requests on the plain lane and on node:http: the same answers, to the byte, and the same commands. */
import { channel } from 'node:diagnostics_channel'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer } from '../server.ts'

type Asked = readonly [method: string, target: string, form?: string]

const configs = '/nacos/v1/cs/configs'
const one = 'dataId=d&group=G'
const instance = 'serviceName=s&ip=1.1.1.1&port=80'

/** Every route that says that it is plain, and what is refused there once a handler has been chosen. */
const plain: readonly Asked[] = [
  ['POST', configs, `${one}&content=x`],
  ['POST', `${configs}?${one}&content=x`],
  ['POST', configs, `${one}&content=%FF`],
  ['POST', configs, 'dataId=&group=G&content=x'],
  ['POST', configs, `${one}&content=x&tag=%E5%80%BC%20`],
  ['DELETE', `${configs}?${one}`],
  ['DELETE', configs, one],
  ['GET', `${configs}?${one}`],
  ['GET', `${configs}?${one}&tag=t`],
  ['GET', `${configs}?${one}&consistency=linearizable`],
  ['GET', `${configs}?${one}&consistency=never`],
  ['GET', `${configs}?${one}&dataId=e`],
  ['POST', '/nacos/v2/cs/config', `${one}&content=x`],
  ['POST', '/nacos/v2/cs/config', 'group=G&content=x'],
  ['DELETE', `/nacos/v2/cs/config?${one}`],
  ['POST', '/nacos/v3/admin/cs/config', 'dataId=d&groupName=G&content=x'],
  ['DELETE', '/nacos/v3/admin/cs/config?dataId=d&groupName=G'],
  ['POST', '/nacos/v3/console/cs/config', 'dataId=d&groupName=G&content=x'],
  ['DELETE', '/nacos/v3/console/cs/config?dataId=d&groupName=G'],
  ['POST', `/nacos/v1/ns/instance?${instance}`],
  ['POST', '/nacos/v1/ns/instance', 'serviceName=s'],
  ['PUT', '/nacos/v1/ns/instance', instance],
  ['DELETE', `/nacos/v1/ns/instance?${instance}`],
  ['PUT', '/nacos/v1/ns/instance/beat', instance],
  ['PUT', '/nacos/v1/ns/instance/beat?beat=%7B'],
  ['POST', '/nacos/v2/ns/instance', instance],
  ['PUT', '/nacos/v2/ns/instance', instance],
  ['DELETE', `/nacos/v2/ns/instance?${instance}`],
  ['PUT', '/nacos/v2/ns/instance/beat', instance],
  ['POST', '/nacos/v3/client/ns/instance', instance],
  ['POST', '/nacos/v3/client/ns/instance', `${instance}&heartBeat=true`],
  ['DELETE', `/nacos/v3/client/ns/instance?${instance}`],
  ['POST', '/nacos/v3/admin/ns/instance', instance],
  ['PUT', '/nacos/v3/admin/ns/instance', instance],
  ['DELETE', `/nacos/v3/admin/ns/instance?${instance}`],
]

/** Another meaning of a plain route, or a request that comes to no handler. */
const streamed: readonly Asked[] = [
  ['GET', `${configs}?search=blur&dataId=&group=&pageNo=1&pageSize=9`],
  ['GET', `${configs}?show=all&${one}`],
  ['GET', `${configs}?beta=true&${one}`],
  ['GET', `${configs}?export=true&group=G`],
  ['GET', `${configs}?exportV2=true&group=G`],
  ['GET', `${configs}?delType=ids&${one}`],
  ['POST', `${configs}?import=true`],
  ['POST', `${configs}?clone=no`, one],
  ['POST', configs, `${one}&content=x&beta=true`],
  ['DELETE', `${configs}?delType=ids&ids=1`],
  ['DELETE', `${configs}?beta=true&${one}`],
  ['GET', `${configs}?dataId=%zz`],
  ['POST', configs, 'dataId=%z'],
  ['GET', '/nacos/v1/nothing'],
  ['PUT', configs, one],
]

const bytesOf = ([method, target, form = '']: Asked, more: string): string => {
  const body = method === 'GET' ? '' : `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n`
  return `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}${body}\r\n${form}`
}

/** What a node that is new answers, what it proposes, and whether node:http saw the request. */
const ask = async (bytes: string, isAuthOn: boolean) => {
  const node = createFakeNode()
  if (isAuthOn) Object.assign(node.parts.auth, { isOn: () => true })
  const server = createHttpServer(node.parts)
  const port = await server.listen('127.0.0.1', 0)
  let isStreamed = false
  const seen = () => {
    isStreamed = true
  }
  channel('http.server.request.start').subscribe(seen)
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  let text = ''
  socket.on('data', (part) => {
    text += part.toString('latin1')
  })
  const isWhole = (): boolean => {
    const end = text.indexOf('\r\n\r\n') + 4
    return end > 3 && (text.endsWith('0\r\n\r\n') || text.length - end >= Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0))
  }
  await expect.poll(isWhole, { interval: 2 }).toBe(true)
  channel('http.server.request.start').unsubscribe(seen)
  socket.destroy()
  await server.close(0)
  return { answer: text.replace(/^Date: .*$/m, 'Date'), sent: node.sent, isStreamed }
}

// A header that comes twice is not for the lane, and means nothing to any handler.
const twice = 'X: 1\r\nX: 2\r\n'

test.each([false, true])('what the lane serves it answers as node:http does (auth on: %s)', async (isAuthOn) => {
  for (const asked of plain) {
    const [lane, node] = [await ask(bytesOf(asked, ''), isAuthOn), await ask(bytesOf(asked, twice), isAuthOn)]
    expect([lane.isStreamed, node.isStreamed], asked.join(' ')).toEqual([false, true])
    expect({ ...lane, isStreamed: true }, asked.join(' ')).toEqual(node)
  }
})

test('what means something else, or comes to no handler, is node:http’s', async () => {
  for (const asked of streamed) {
    const [lane, node] = [await ask(bytesOf(asked, ''), false), await ask(bytesOf(asked, twice), false)]
    expect(lane.isStreamed, asked.join(' ')).toBe(true)
    expect(lane, asked.join(' ')).toEqual(node)
  }
})

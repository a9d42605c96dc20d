import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { runHttp } from './http-run.ts'

/** A HEAD of a namespace that is not there: 500 without the words that declare it. */
const headRefused = { seed: 622273, range: [208, 209] } as const

describe('a run of odd requests', () => {
  let server: Server
  const refusing = async (words: string): Promise<readonly number[]> => {
    server = createServer((_request, response) => response.writeHead(500, { 'content-length': words.length }).end(words))
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
    return [(server.address() as AddressInfo).port]
  }
  afterEach(() => new Promise((closed) => server.close(closed)))

  it('judges a HEAD that is refused by the words of the same GET', async () => {
    const run = await runHttp({ ...headRefused, ports: await refusing('caused: namespaceId [ x ] not exist;') })
    expect([run.sent, run.failures]).toEqual([1, []])
  })

  it('finds a node that broke, in a HEAD too', async () => {
    const run = await runHttp({ ...headRefused, ports: await refusing('TypeError: x') })
    expect(run.failures).toEqual([expect.stringMatching(/^request 208 .*500 TypeError/)])
  })
})

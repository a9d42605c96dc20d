/** The ceiling to compare with: a bare node:http server that reads a body and answers, nothing else. Ends when its stdin closes. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const answer = 'x'.repeat(128)

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.setHeader('Content-Length', answer.length)
    response.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

/** What gRPC is compared with: a server on grpc-js that sends each message back, and does nothing else. Ends when its stdin closes. */

import { Server, ServerCredentials } from '@grpc/grpc-js'

const same = (bytes: Buffer): Buffer => bytes

const server = new Server()
server.register(
  '/Request/request',
  (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => answer(null, call.request),
  same,
  same,
  'unary',
)
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  console.log(port)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

/**
 * One request at a time on each connection. node:http hands over pipelined requests all at once, so that sixty of them would
 * load sixty contents for a client that reads none; here each waits until the answer before it has left. Costs one look at
 * `response.socket` where nobody pipelines. Must never change the order of answers.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Some 3 KB each. Above it the connection is closed: no client sends so much ahead and means well. */
const waitingMax = 512

/** @param idleMs the connection's own time-out, set anew for each request that had to wait */
export const oneByOne = (listener: Listener, idleMs: number): Listener => {
  const waiting = new WeakMap<Socket, number>()
  return (request, response) => {
    // node:http gives a response its socket when its turn has come.
    if (response.socket !== null) return listener(request, response)
    const { socket } = request
    const count = (waiting.get(socket) ?? 0) + 1
    if (count > waitingMax) return void socket.destroy()
    waiting.set(socket, count)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      socket.setTimeout(idleMs)
      // Not within node's own hand-over, which still has the response in its hands.
      setImmediate(() => {
        if (!response.destroyed && !socket.destroyed) listener(request, response)
      })
    })
  }
}

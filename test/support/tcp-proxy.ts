/** A TCP line in the middle of which a test sits: passes bytes on, holds them, or loses an answer at the moment that matters. */

import { createServer, connect as dial, type Socket } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** Held bytes are neither passed on nor answered; new connections are taken and get nothing. */
  hold(held: boolean): void
  /** The next time a client sends this text: it reaches the server, and both ends are cut when the answer comes, which is lost. */
  loseAnswerTo(text: string): void
  /** Cuts both ends at the n-th piece that clients send from now on (1 is the next): it never arrives, or its answer is lost. */
  cutAt(piece: number, loses: 'request' | 'answer'): void
  /** How often it cut a line as it was told to. */
  cuts(): number
  close(): Promise<void>
}

export const startProxy = (serverPort: number): Promise<TcpProxy> => {
  const sockets = new Set<Socket>()
  const flows = new Set<() => void>()
  let held = false
  /** Whether a piece is the one; it is asked once for each. */
  let isIt: ((bytes: Buffer) => boolean) | null = null
  let loses: 'request' | 'answer' = 'answer'
  let cuts = 0

  const join = (client: Socket): void => {
    const server = dial({ host: '127.0.0.1', port: serverPort, noDelay: true })
    let doomed = false
    const end = (): void => {
      for (const socket of [client, server]) {
        socket.destroy()
        sockets.delete(socket)
      }
      flows.delete(flow)
    }
    const cut = (): void => {
      cuts++
      end()
    }
    const flow = (): void => {
      for (const socket of [client, server]) held ? socket.pause() : socket.resume()
    }
    client.on('data', (bytes) => {
      if (isIt?.(bytes) === true) {
        isIt = null
        doomed = true
        if (loses === 'request') return cut()
      }
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (!doomed) {
        client.write(bytes)
        return
      }
      cut()
    })
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
    flows.add(flow)
    flow()
  }

  const listener = createServer({ noDelay: true }, join)
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      if (address === null || typeof address === 'string') return reject(new Error('no port'))
      resolve({
        port: address.port,
        hold: (now) => {
          held = now
          for (const flow of flows) flow()
        },
        loseAnswerTo: (text) => {
          loses = 'answer'
          isIt = (bytes) => bytes.includes(text)
        },
        cutAt: (piece, what) => {
          let left = piece
          loses = what
          isIt = () => --left === 0
        },
        cuts: () => cuts,
        close: () =>
          new Promise((done) => {
            listener.close(() => done())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}

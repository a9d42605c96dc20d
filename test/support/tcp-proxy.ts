/** A TCP line in the middle of which a test sits: passes bytes on, holds them, or loses a request or an answer at the moment that matters. */

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

interface Fate {
  held: boolean
  /** Whether a piece is the one; asked once for each, until it is. */
  isIt: ((bytes: Buffer) => boolean) | null
  loses: 'request' | 'answer'
  cuts: number
}

interface Line {
  /** Goes on or stands still, as `held` says by now. */
  flow(): void
  end(): void
}

const createLine = (client: Socket, serverPort: number, fate: Fate, gone: (line: Line) => void): Line => {
  const server = dial({ host: '127.0.0.1', port: serverPort, noDelay: true })
  const both = [client, server]
  let doomed = false
  const line: Line = {
    flow: () => {
      for (const socket of both) fate.held ? socket.pause() : socket.resume()
    },
    end: () => {
      for (const socket of both) socket.destroy()
      gone(line)
    },
  }
  const cut = (): void => {
    fate.cuts++
    line.end()
  }
  client.on('data', (bytes) => {
    if (fate.isIt?.(bytes) === true) {
      fate.isIt = null
      doomed = true
      if (fate.loses === 'request') {
        cut()
        return
      }
    }
    server.write(bytes)
  })
  server.on('data', (bytes) => {
    if (doomed) cut()
    else client.write(bytes)
  })
  for (const socket of both) {
    socket.on('error', line.end)
    socket.on('close', line.end)
  }
  line.flow()
  return line
}

const listen = (join: (client: Socket) => void): Promise<{ port: number; close(): Promise<void> }> =>
  new Promise((resolve, reject) => {
    const listener = createServer({ noDelay: true }, join)
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve({ port: address.port, close: () => new Promise((done) => listener.close(() => done())) })
    })
  })

export const startProxy = async (serverPort: number): Promise<TcpProxy> => {
  const fate: Fate = { held: false, isIt: null, loses: 'answer', cuts: 0 }
  const lines = new Set<Line>()
  const { port, close } = await listen((client) => lines.add(createLine(client, serverPort, fate, (line) => lines.delete(line))))
  return {
    port,
    hold: (held) => {
      fate.held = held
      for (const line of lines) line.flow()
    },
    loseAnswerTo: (text) => {
      fate.loses = 'answer'
      fate.isIt = (bytes) => bytes.includes(text)
    },
    cutAt: (piece, loses) => {
      let left = piece
      fate.loses = loses
      fate.isIt = () => --left === 0
    },
    cuts: () => fate.cuts,
    close: () => {
      const closed = close()
      for (const line of [...lines]) line.end()
      return closed
    },
  }
}

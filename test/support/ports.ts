/** Ports for a cluster of one's own: HTTP in a row, gRPC 1000 above, Raft 1000 below, all free at this moment. */

import { createServer } from 'node:net'

/** Below the system's ephemeral range, above everything that people choose by hand. */
const lowest = 13_000
const highest = 29_000
const tries = 200

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })

const allFree = async (ports: readonly number[]): Promise<boolean> => {
  for (const port of ports) if (!(await isFree(port))) return false
  return true
}

/** The first HTTP port of a free set for `nodes` nodes. */
export const findFreePortSet = async (nodes = 3): Promise<number> => {
  for (let attempt = 0; attempt < tries; attempt++) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest))
    const set = Array.from({ length: nodes }, (_, at) => first + at).flatMap((port) => [port, port + 1000, port - 1000])
    if (await allFree(set)) return first
  }
  throw new Error(`no ${nodes} free ports in a row (with +1000 and -1000) in ${tries} tries`)
}

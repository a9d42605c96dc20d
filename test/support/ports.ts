/**
 * Ports for a cluster of one's own: HTTP in a row, gRPC 1000 above, Raft 1000 below, all free at this moment. Files of tests that run side by side
 * draw from different sets, since a port that is free now may be another's in a moment.
 */

import { createServer } from 'node:net'

/** Below the system's ephemeral range, above everything that people choose by hand. */
const lowest = 13_000
const highest = 29_000
const tries = 200
/** As many as a suite runs files at a time. A lane has every second block of ports; 1000 above and below begins a block of the same lane. */
const lanes = 2
const blockPorts = 100
/** Nodes may join a cluster later. */
const setPorts = 10

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

/**
 * Which of the files that run at this moment asks: vitest counts them from 1, and whoever runs two suites side by side says which this is. Outside of
 * both there is one.
 */
const ownLane = (): number => Number(process.env.PORT_LANE ?? process.env.VITEST_POOL_ID ?? 1) % lanes

/** Sets that were given lately: whoever asked may not have opened its ports yet. */
const given: (readonly number[])[] = []
const givenMax = 8

/** The first HTTP port of a free set for `nodes` nodes, at most ten. */
export const findFreePortSet = async (nodes = 3): Promise<number> => {
  const blocks = Math.floor((highest - lowest) / (blockPorts * lanes))
  for (let attempt = 0; attempt < tries; attempt++) {
    const block = Math.floor(Math.random() * blocks) * lanes + ownLane()
    const first = lowest + block * blockPorts + Math.floor(Math.random() * (blockPorts - setPorts))
    const set = Array.from({ length: nodes }, (_, at) => first + at).flatMap((port) => [port, port + 1000, port - 1000])
    if (given.flat().some((port) => set.includes(port)) || !(await allFree(set))) continue
    given.push(set)
    given.splice(0, given.length - givenMax)
    return first
  }
  throw new Error(`no ${nodes} free ports in a row (with +1000 and -1000) in ${tries} tries`)
}

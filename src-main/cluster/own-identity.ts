/**
 * What this program shows its own nodes instead of a login, once they ask who a caller is. One for each start of each node, told to that process in its
 * start message, and shown at its address alone, from when it has the port until it ends: whoever else holds a node's port, before or after, hears nothing
 * that opens a node. Never log it.
 */

import { randomBytes } from 'node:crypto'
import type { NodePlace } from './types.ts'

type Address = Pick<NodePlace, 'host' | 'httpPort'>

interface Made {
  readonly address: Address
  readonly identity: string
  readonly listens: boolean
}

/** By id of the node: of its present process. */
const made = new Map<number, Made>()

/** For the start message of a process of this node, and for nothing else; that of the process before is forgotten. 64 hex digits. */
export const newIdentity = (id: number, { host, httpPort }: Address): string => {
  const identity = randomBytes(32).toString('hex')
  made.set(id, { address: { host, httpPort }, identity, listens: false })
  return identity
}

/** The process that was told it has its port now. */
export const identityListens = (id: number): void => {
  const own = made.get(id)
  if (own !== undefined) made.set(id, { ...own, listens: true })
}

/** That process is gone. */
export const forgetIdentity = (id: number): void => void made.delete(id)

/** For every request of this program to one of its nodes; none while no process of ours listens at this address. */
export const identityHeaders = ({ host, httpPort }: Address): Readonly<Record<string, string>> => {
  for (const { address, identity, listens } of made.values())
    if (listens && address.host === host && address.httpPort === httpPort) return { 'nacos-trio-identity': identity }
  return {}
}

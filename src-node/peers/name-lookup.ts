/**
 * A peer's name to its address, one question at a time. The system's resolver works in threads of which the whole process has four, and a name server
 * that says nothing keeps one for seconds: a link that dials twice a second must not take them all. Nothing is remembered: a pod comes back elsewhere.
 */

import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Callback = Parameters<LookupFunction>[2]
type Addresses = string | LookupAddress[]
/** The system's, or a test's. */
export type Resolve = (
  hostname: string,
  options: Parameters<LookupFunction>[1],
  done: (error: NodeJS.ErrnoException | null, address: Addresses, family?: number) => void,
) => void

/** For one link: its name and its options never change. */
export const createLookup = (resolve: Resolve = systemLookup): LookupFunction => {
  let waiting: Callback[] = []
  return (hostname, options, callback) => {
    waiting.push(callback)
    if (waiting.length > 1) return
    resolve(hostname, options, (error, address, family) => {
      const told = waiting
      waiting = []
      for (const each of told) each(error, address, family)
    })
  }
}

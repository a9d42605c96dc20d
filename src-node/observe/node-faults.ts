/** Practised faults as they come over the parent channel: read with suspicion, and put into words. Pure; it switches nothing. */

import { type DiskFault, faultLimits, type LinkFault, type NodeFaults } from './channel.ts'

export type FaultsResult = { readonly ok: true; readonly faults: NodeFaults } | { readonly ok: false; readonly problem: string }

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** Thrown inside this file only: the first thing that is wrong, as a sentence. */
const unfit = (words: string): Error => Object.assign(new Error(words), { name: 'Unfit' })

const numberIn = (fields: Fields, name: string, bounds: { min: number; max: number }): number => {
  const value = fields[name]
  if (typeof value !== 'number' || !(value >= bounds.min && value <= bounds.max))
    throw unfit(`${name} must be a number from ${bounds.min} to ${bounds.max}`)
  return value
}
/** Times are stored as whole milliseconds. */
const wholeIn = (fields: Fields, name: string, bounds: { min: number; max: number }): number => {
  const value = numberIn(fields, name, bounds)
  if (!Number.isInteger(value)) throw unfit(`${name} must be whole`)
  return value
}
const yesOrNo = (fields: Fields, name: string): boolean => {
  const value = fields[name]
  if (typeof value !== 'boolean') throw unfit(`${name} must be true or false`)
  return value
}

const linkOf = (value: unknown): LinkFault => {
  const fields = fieldsOf(value)
  const { peer, direction } = fields
  if (typeof peer !== 'number' || !Number.isInteger(peer) || peer < 1) throw unfit('a link names no node')
  if (direction !== 'in' && direction !== 'out') throw unfit('direction must be in or out')
  const delay = { min: 0, max: faultLimits.delayMs }
  return {
    ...{ peer, direction, cut: yesOrNo(fields, 'cut'), loss: numberIn(fields, 'loss', { min: 0, max: 1 }) },
    ...{ delayMs: numberIn(fields, 'delayMs', delay), jitterMs: numberIn(fields, 'jitterMs', delay) },
  }
}

const isFault = ({ cut, delayMs, jitterMs, loss }: LinkFault): boolean => cut || delayMs > 0 || jitterMs > 0 || loss > 0

const linksOf = (value: unknown, peers: readonly number[]): readonly LinkFault[] => {
  if (!Array.isArray(value) || value.length > faultLimits.links) throw unfit(`links must be a list of at most ${faultLimits.links}`)
  const links = value.map(linkOf).filter((link) => isFault(link) && peers.includes(link.peer))
  if (new Set(links.map(({ peer, direction }) => `${direction} ${peer}`)).size < links.length) throw unfit('one direction of a link has two faults')
  return links
}

const diskOf = (value: unknown): DiskFault => {
  const fields = fieldsOf(value)
  return { slowMs: numberIn(fields, 'slowMs', { min: 0, max: faultLimits.slowMs }), full: yesOrNo(fields, 'full') }
}

/**
 * @param peers ids of the other nodes. A line to any other is left out: that node has gone, or is not known here yet.
 * @returns the set without entries that mean nothing, or the first problem as a sentence
 */
export const readFaults = (value: unknown, peers: readonly number[]): FaultsResult => {
  const fields = fieldsOf(value)
  const far = faultLimits.clockOffsetMs
  try {
    const faults: NodeFaults = {
      links: linksOf(fields.links, peers),
      ...{ raftLog: diskOf(fields.raftLog), stateStore: diskOf(fields.stateStore) },
      clockOffsetMs: wholeIn(fields, 'clockOffsetMs', { min: -far, max: far }),
    }
    return { ok: true, faults }
  } catch (error) {
    if (error instanceof Error && error.name === 'Unfit') return { ok: false, problem: error.message }
    throw error
  }
}

const linkWords = ({ peer, direction, cut, delayMs, jitterMs, loss }: LinkFault): string => {
  const what = direction === 'out' ? `frames to node-${peer}` : `frames from node-${peer}`
  if (cut) return `${what} are dropped`
  const late = delayMs > 0 || jitterMs > 0 ? [`come ${delayMs} to ${delayMs + jitterMs} ms late`] : []
  const lost = loss > 0 ? [`are lost with a chance of ${(loss * 100).toFixed(1)} %`] : []
  return `${what} ${[...late, ...lost].join(' and ')}`
}

const diskWords = (disk: string, { slowMs, full }: DiskFault): readonly string[] => [
  ...(slowMs > 0 ? [`each write of ${disk} takes ${slowMs} ms longer`] : []),
  ...(full ? [`the disk of ${disk} is full`] : []),
]

/** One sentence a fault. */
export const faultWords = ({ links, raftLog, stateStore, clockOffsetMs }: NodeFaults): readonly string[] => [
  ...links.map(linkWords),
  ...diskWords('the Raft log', raftLog),
  ...diskWords('the state store', stateStore),
  ...(clockOffsetMs === 0 ? [] : [`the wall clock is ${Math.abs(clockOffsetMs)} ms ${clockOffsetMs > 0 ? 'ahead' : 'behind'}`]),
]

/** The ways in which a cluster loses its leader in the bench: how each is done to a real cluster, and undone. */

import type { HeadlessCluster } from '../support/headless.ts'

export interface FailoverWay {
  readonly name: 'killed' | 'paused' | 'cut'
  /** The old leader answers nothing from the strike on; otherwise it may for a moment, until the order has reached it. */
  readonly atOnce: boolean
  /** Does it to the leader; what is measured begins when this is called. */
  strike(cluster: HeadlessCluster, leader: number): Promise<void>
  /** Brings the old leader back. `seen`: number of events before the strike. */
  undo(cluster: HeadlessCluster, leader: number, seen: number): Promise<void>
}

const backLimitMs = 30_000
/** Longer than any fail-over is waited for. */
const pauseMs = 60_000

export const killed: FailoverWay = {
  name: 'killed',
  atOnce: true,
  strike: async (cluster, leader) => {
    cluster.killNode(leader)
  },
  undo: async (cluster, leader, seen) => {
    await cluster.nextEvent('the killed node back', ({ event, id }) => event === 'node-ready' && id === leader, backLimitMs, seen)
  },
}

/** SIGSTOP: its sockets stay open, and it wakes believing that it leads. */
export const paused: FailoverWay = {
  name: 'paused',
  atOnce: false,
  strike: async (cluster, leader) => {
    await cluster.command(`pause ${leader} ${pauseMs}`)
  },
  undo: async (cluster, leader) => {
    await cluster.command(`resume ${leader}`)
  },
}

/** Frames are dropped both ways, sockets stay open. */
export const cut: FailoverWay = {
  name: 'cut',
  atOnce: false,
  strike: async (cluster, leader) => {
    await cluster.command(`fault isolate ${leader}`)
  },
  undo: async (cluster) => {
    await cluster.command('fault heal')
  },
}

/**
 * One node, put together of its areas (wiring/), opened, and taken apart in the order that loses nothing. Knows all parts and decides nothing for
 * them. Errors of opening come out as `NodeFailure` or `StorageFailure`, with an exit code.
 */

import { createFuzzyWatching } from './notify/fuzzy-watching.ts'
import { type LeaderWish, type NodeFaults, type NodeOrder, noFaults, type OrderAnswer, type PeerAddress, type WishAnswer } from './observe/channel.ts'
import { serviceChangesOf } from './state-machine/effect-kinds.ts'
import { createConfigurations } from './wiring/configurations.ts'
import { createConsensus } from './wiring/consensus.ts'
import { openLocalData } from './wiring/local-data.ts'
import { type NodeParts, ownRow, portFailure } from './wiring/node-parts.ts'
import { createObservation } from './wiring/observation.ts'
import { createServers } from './wiring/servers.ts'
import { createServices } from './wiring/services.ts'
import { createTenancy } from './wiring/tenancy.ts'

export interface TrioNode {
  /** Opens the ports, then joins its peers. Rejects with a `NodeFailure` when a port cannot be had. */
  open(): Promise<void>
  /** No new work; what is under way gets its answer; then files are closed with the mark of a clean end. */
  close(): Promise<void>
  /** Faults to practise with: this set and no other from now on; what is out of bounds is refused in the log. */
  setFaults(faults: NodeFaults): void
  /** Where nodes are from now on. */
  setMembers(members: readonly PeerAddress[]): void
  /** Answered once, perhaps minutes later. */
  order(order: NodeOrder, done: (answer: OrderAnswer) => void): void
  /** Answered once, soon. */
  wish(wish: LeaderWish, done: (answer: WishAnswer) => void): void
}

/** After the grace: time for the last answers to leave. */
const lastAnswersMs = 200

/** The areas, each with what it needs of those before it; what an earlier one tells a later one happens only once the node runs. */
const createAreas = (parts: NodeParts, listenHost: string, listening: () => boolean, members: () => readonly PeerAddress[]) => {
  const data = openLocalData(parts, {
    synced: (ms) => observation.synced(ms),
    setLinks: (faults) => consensus.transport.setFaults(faults),
  })
  const consensus = createConsensus(parts, data, {
    onBeats: (frame) => services.naming.onBeats(frame),
    // Listeners first (design 6): the files come after everything that somebody waits for.
    onEffects: (effects) => {
      configurations.tellListeners(effects)
      patterns.onEffects(effects)
      services.naming.changed(serviceChangesOf(effects))
      configurations.keepUp(effects)
    },
    onEvent: (event) => {
      observation.onEvent(event)
      configurations.notices.event(event)
    },
    onStoreEvents: (events) => observation.store(events),
  })
  const { machine } = data.state
  const patterns = createFuzzyWatching({ configs: machine, services: () => machine.areas().naming, clock: parts.clock })
  const configurations = createConfigurations(parts, data, consensus, members)
  const services = createServices(parts, listenHost, data, consensus)
  const tenancy = createTenancy(parts, data, consensus)
  const observation = createObservation(parts, { data, consensus, polls: configurations.polls, listening })
  const servers = createServers(parts, { data, consensus, configurations, services, patterns, tenancy, observation, members })
  return { data, consensus, configurations, services, tenancy, observation, servers }
}

export const createNode = (parts: NodeParts): TrioNode => {
  const { start, options, log, clock } = parts
  const own = ownRow(start)
  const listenHost = start.listenHost ?? own.host
  const shown = listenHost.includes(':') ? `[${listenHost}]` : listenHost
  let listening = false
  let { members } = start
  const areas = createAreas(
    parts,
    listenHost,
    () => listening,
    () => members,
  )
  const { data, consensus, configurations, services, tenancy, observation, servers } = areas
  const { driver, transport, sharedStore } = consensus
  data.faulty.set(start.faults ?? noFaults)
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))

  return {
    open: async () => {
      await servers.listen(listenHost)
      driver.start()
      sharedStore?.start()
      await transport.listen().catch((error: unknown) => Promise.reject(portFailure(error, 'Raft', own.raftPort)))
      listening = true
      const ports = `gRPC on ${shown}:${own.grpcPort}, Raft on ${shown}:${own.raftPort}`
      log.write('info', 'node', `node-${start.id} listens on http://${shown}:${own.httpPort}/nacos, ${ports}`)
      parts.send({ kind: 'listening' })
      observation.start()
      configurations.cache.start()
      configurations.retention.start()
      services.naming.start()
    },
    close: async () => {
      configurations.retention.stop()
      services.naming.stop()
      const closed = servers.close(options.stopGraceMs + lastAnswersMs)
      configurations.polls.closeAll()
      services.udpPush.close()
      configurations.notices.close()
      await Promise.race([closed, wait(options.stopGraceMs)])
      driver.stop()
      await sharedStore?.stop()
      await closed
      observation.stop()
      await transport.close()
      await configurations.cache.close()
      data.close()
    },
    setFaults: data.faulty.set,
    setMembers: (next) => {
      members = next
      transport.setMembers(next)
      data.faulty.setMembers(next)
      configurations.notices.membersMoved()
    },
    order: (order, done) => {
      if (order.kind === 'check') data.care.check(done)
      else if (order.kind === 'backup') data.care.backup(order.folder, done)
      else if (order.kind === 'auth') tenancy.switchAuth(order.on, done)
      else data.lookAtStore(order, done)
    },
    wish: consensus.wish,
  }
}

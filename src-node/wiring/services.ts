/** Services and instances of one node, wired to Raft, to the other nodes and to the datagrams of 1.x clients. Decides nothing of them. */

import { createUdpPush, type UdpPush } from '../api/udp-push.ts'
import { createNaming, type Naming } from '../naming/naming.ts'
import { createProbe } from '../naming/probes.ts'
import type { Consensus } from './consensus.ts'
import type { LocalData } from './local-data.ts'
import type { NodeParts } from './node-parts.ts'

export interface Services {
  readonly naming: Naming
  readonly udpPush: UdpPush
}

/** `listenHost`: where this node's ports are. */
export const createServices = ({ start, log, clock }: NodeParts, listenHost: string, data: LocalData, consensus: Consensus): Services => {
  const { driver, transport, life } = consensus
  return {
    naming: createNaming({
      ...{ nodeId: start.id, life, clock: data.faulty.clock, probe: createProbe(), area: () => data.state.machine.areas().naming },
      ...{ write: driver.write, status: driver.status, send: (to, frame) => transport.send(to, [frame]) },
    }),
    udpPush: createUdpPush({ host: listenHost, clock, warn: (line) => log.write('warn', 'naming', line) }),
  }
}

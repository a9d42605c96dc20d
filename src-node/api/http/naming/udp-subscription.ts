/**
 * A 1.x client that lists instances and names a UDP port hears of changes there (nacos-http 15). Owns what goes into a datagram. The datagram goes to
 * the address that asked, whatever address the parameters name: nobody can have this node send packets to somebody else.
 */

import type { ServiceInfo, ServiceKey } from '../../../naming/naming-port.ts'
import { socketIpOf } from '../client-ip.ts'
import type { Call } from './dialect.ts'
import { serviceInfoPieces } from './instance-json.ts'
import { quoted } from './java-json.ts'
import { textOf } from './names.ts'
import { agentOf, takesPushes } from './udp-agents.ts'

interface Asked {
  readonly clusters: string
  /** As the client says; `''`: it does not. */
  readonly ip: string
  readonly udpPort: number
}

/** `lastRefTime` is what the client must send back: a number of ours, not the list's. */
export const pushText = (info: ServiceInfo, lastRefTime: number): string =>
  `{"type":"dom","data":${quoted([...serviceInfoPieces(info, 'v1')].join(''))},"lastRefTime":${lastRefTime}}`

/** Packed, more of them fit in no datagram. */
const hostsMax = 4_000

/** A client that is not known to take pushes, or is one too many, polls. */
export const subscribeOverUdp = ({ udpPush, port, request, parameters }: Call, service: ServiceKey, { clusters, ip, udpPort }: Asked): void => {
  const agent = agentOf(request)
  if (!takesPushes(agent, port.switches())) return
  const host = socketIpOf(request)
  const subscriber = { kind: 'udp', ip: ip === '' ? host : ip, port: udpPort, agent, app: textOf(parameters, 'app') } as const
  port.subscribe(subscriber, service, clusters, (info, acked) => {
    if (info.hosts.length > hostsMax) acked(false)
    else udpPush.send({ host, port: udpPort }, (lastRefTime) => pushText(info, lastRefTime), acked)
  })
}

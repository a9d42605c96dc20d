/** `1=nacos-0.nacos:8848,2=…`: the nodes of a cluster as one of them is told of them, and which of them it is itself. Pure. */

import { isIPv6 } from 'node:net'
import type { PeerAddress } from '../../src-node/observe/channel.ts'
import { mostNodes } from '../cluster/member-book.ts'
import { grpcOffset, portLimits, raftOffset } from '../cluster/ports.ts'
import { badOption } from './sentences.ts'

/** An id is never used again, so it may outgrow the number of nodes. */
const idMax = 1_000_000
const hostName = /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/i

export const isHost = (host: string): boolean => hostName.test(host) || isIPv6(host)

export const addressOf = (id: number, host: string, httpPort: number): PeerAddress => ({
  ...{ id, host, httpPort },
  ...{ grpcPort: httpPort + grpcOffset, raftPort: httpPort + raftOffset },
})

/** A whole number without sign, or null. */
export const wholeNumber = (text: string): number | null => (/^\d{1,7}$/.test(text) ? Number(text) : null)

const ports = portLimits(1)
export const isPort = (port: number | null): port is number => port !== null && port >= ports.min && port <= ports.max
export const isId = (id: number | null): id is number => id !== null && id >= 1 && id <= idMax

const readPeer = (text: string, defaultPort: number): PeerAddress => {
  const [, id = '', bracketed, plain, port] = /^(\d+)=(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  const [number, httpPort] = [wholeNumber(id), port === undefined ? defaultPort : wholeNumber(port)]
  if (isId(number) && isHost(host) && isPort(httpPort)) return addressOf(number, host, httpPort)
  return badOption(
    `--peers takes id=host:port, separated by commas, with HTTP ports from ${ports.min} to ${ports.max}; not "${text}"`,
    `--peers 应为以逗号分隔的 编号=主机:端口，HTTP 端口为 ${ports.min} 到 ${ports.max}，而不是“${text}”`,
  )
}

/** @param defaultPort of those that name none */
export const readPeers = (given: string, defaultPort: number): readonly PeerAddress[] => {
  const peers: PeerAddress[] = []
  for (const text of given.split(',')) {
    const peer = readPeer(text.trim(), defaultPort)
    if (peers.some(({ id }) => id === peer.id)) badOption(`--peers names ${peer.id} twice`, `--peers 中编号 ${peer.id} 出现了两次`)
    if (peers.some(({ host, httpPort }) => host.toLowerCase() === peer.host.toLowerCase() && httpPort === peer.httpPort))
      badOption(`--peers has two nodes at ${peer.host}:${peer.httpPort}`, `--peers 中有两个节点都在 ${peer.host}:${peer.httpPort}`)
    peers.push(peer)
  }
  return peers.length > mostNodes ? badOption(`--peers takes up to ${mostNodes} nodes`, `--peers 最多 ${mostNodes} 个节点`) : peers
}

const firstLabel = (name: string): string => name.toLowerCase().split('.')[0] ?? ''

/** In a StatefulSet every pod has the same command line: the peer whose host begins with this machine's own name. */
export const peerNamed = (peers: readonly PeerAddress[], machine: string): PeerAddress | undefined => {
  const own = peers.filter(({ host }) => firstLabel(host) === firstLabel(machine))
  return own.length === 1 ? own[0] : undefined
}

/**
 * The rest of `/v1/ns/raft` (nacos-http 10): who leads and this node's own peer, in the shapes of 1.x. What nodes of 1.x told each other there has no
 * place in a cluster whose nodes have a port of their own for it: it is refused as every server from 1.4 on refuses it.
 */

import { caused, refuse, send } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer } from '../result.ts'
import type { Handler, Route, Routes } from '../router.ts'
import { classicPeer } from './raft-state.ts'

const stopped: Handler = () => refuse(caused(500, 'old raft protocol already stop'))
const gone: Route = { access: 'admin', GET: stopped, POST: stopped, PUT: stopped, DELETE: stopped }

export const peerOf = (parts: HttpParts, id: number | null): object | null => {
  const member = parts.members.find((each) => each.id === id)
  return member === undefined ? null : classicPeer(parts, member, parts.status())
}

export const raftClassicRoutes = (parts: HttpParts): Routes => ({
  '/v1/ns/raft/leader': {
    access: 'signed-in',
    // A text with JSON in it, as 1.x has it.
    GET: (_request, response) => send(response, jsonAnswer({ leader: JSON.stringify(peerOf(parts, parts.status().leaderId)) })),
  },
  '/v1/ns/raft/peer': { access: 'signed-in', GET: (_request, response) => send(response, jsonAnswer(peerOf(parts, parts.nodeId))) },
  ...Object.fromEntries(['vote', 'beat', 'datum', 'datum/commit', 'datum/reload', 'listeners'].map((path) => [`/v1/ns/raft/${path}`, gone])),
})

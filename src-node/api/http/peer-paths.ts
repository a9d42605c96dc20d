/**
 * What nodes ask each other over HTTP, and nothing else may they: a node that proves itself is let through here, by GET, for a caller whom it has let
 * through itself (auth/question-proof.ts). Each must tell, or do, no more than that caller was allowed at the asking node.
 */

import { contextPath } from './router.ts'

export const peerPaths = {
  watchers: `${contextPath}/v1/cs/communication/configWatchers`,
  watched: `${contextPath}/v1/cs/communication/watcherConfigs`,
  clientMetrics: `${contextPath}/v1/cs/metrics/current`,
  subscribers: `${contextPath}/v1/ns/service/subscribers`,
  ownLoad: `${contextPath}/v2/core/loader/own`,
  reload: `${contextPath}/v2/core/loader/reloadCurrent`,
} as const

export type PeerPath = (typeof peerPaths)[keyof typeof peerPaths]

const paths: ReadonlySet<string> = new Set(Object.values(peerPaths))

/** @param path of a request whose route was found: these have no other spelling */
export const isPeerPath = (path: string): boolean => paths.has(path)

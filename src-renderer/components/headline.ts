/** The one sentence on how the cluster fares, and the line of what follows. Pure: the words come in, so that both languages are tested. */

import type { TFunction } from 'i18next'
import type { ClusterView, NodeView } from '../../src-main/contract/index.ts'
import { formatList, formatWhen, nodeName } from './format.ts'
import { refusesWrites, storeOf } from './store-state.ts'

export interface Headline {
  readonly title: string
  readonly line: string
}

type Words = TFunction<'health'>

const wordCounts = ['1', '2', '3', '4', '5', '6', '7'] as const

function inWords(count: number, t: Words): string {
  const key = wordCounts[count - 1]
  return key === undefined ? String(count) : t(`count.${key}`)
}

/** A node that does not run is "down"; one that runs but does not serve (catching up, or not answering) is not called down. The headline never confuses them. */
const allDown = (nodes: readonly NodeView[], ids: readonly number[]): boolean =>
  nodes.filter((node) => ids.includes(node.id)).every((node) => node.process !== 'running' && node.process !== 'starting')

/** How many more nodes may fail before writes stop. */
function spare(total: number, down: number): number {
  return total - down - (Math.floor(total / 2) + 1)
}

function allServe(view: ClusterView, t: Words): Headline {
  const total = view.nodes.length
  const title = total === 1 ? t('allServeOne') : total === 2 ? t('allServeTwo') : t('allServe', { words: inWords(total, t) })
  const leader =
    view.leaderId === null || view.term === null || view.leaderSinceMs === null
      ? ''
      : t('follows.allServe', { node: nodeName(view.leaderId), term: view.term, time: formatWhen(view.leaderSinceMs, view.atMs) })
  const left = spare(total, 0)
  const follows = left === 0 ? t('follows.spare_zero') : t('follows.spare', { count: left, words: inWords(left, t) })
  return { title, line: leader === '' ? follows : t('join', { a: leader, b: follows }) }
}

/** Enough nodes serve, and configurations cannot be written all the same: that comes first. */
function storeAway(view: ClusterView, t: Words, language: string): Headline | null {
  const store = storeOf(view)
  if (!refusesWrites(store) || (view.health.kind !== 'all-serve' && view.health.kind !== 'degraded')) return null
  const since = store?.sinceMs ?? view.healthSinceMs
  const down = view.health.kind === 'degraded' ? view.health.down : []
  const names = { nodes: formatList(down.map(nodeName), language), count: down.length }
  const nodes = down.length === 0 ? allServe(view, t).title : t(allDown(view.nodes, down) ? 'degradedDown' : 'degradedLate', names)
  return {
    title: t(store?.state === 'filling' ? 'storeFilling' : 'storeAway'),
    line: t('follows.storeAway', { time: formatWhen(since, view.atMs), nodes }),
  }
}

/** The headline for a view, in the language of `t`; `language` only joins lists of names. */
export function headline(view: ClusterView, t: Words, language: string): Headline {
  const { health, nodes } = view
  const time = formatWhen(view.healthSinceMs, view.atMs)
  const names = (ids: readonly number[]) => ({ nodes: formatList(ids.map(nodeName), language), count: ids.length })
  const away = storeAway(view, t, language)
  if (away !== null) return away
  switch (health.kind) {
    case 'stopped':
      return { title: t('stopped'), line: t('follows.stopped') }
    case 'starting':
      return { title: t('starting'), line: t('follows.starting') }
    case 'all-serve':
      return allServe(view, t)
    case 'electing':
      return { title: t('electing'), line: t('follows.electing', { time }) }
    case 'degraded': {
      const title = t(allDown(nodes, health.down) ? 'degradedDown' : 'degradedLate', names(health.down))
      return { title, line: t(spare(nodes.length, health.down.length) > 0 ? 'follows.degraded' : 'follows.degradedLast', { time }) }
    }
    case 'no-quorum': {
      const title = t(allDown(nodes, health.down) ? 'noQuorumDown' : 'noQuorumLate', names(health.down))
      return { title, line: t(health.down.length >= nodes.length ? 'follows.noQuorumNone' : 'follows.noQuorum', { time }) }
    }
  }
}

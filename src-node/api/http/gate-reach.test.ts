/**
 * What a request is about is judged by what its handler takes for granted, not by what somebody wrote beside it (nacos-http 4): every route that asks for
 * permissions, by the list of routes itself, with the names of other generations, with its own left out, and with narrower ones that it does not read.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Door, type Fields, markOf, namesOf, type Outcome, ownNames, type Place, startMarkedNode, wordOf } from './gate-reach.testing.ts'

const [own, beside, foreign]: readonly [Place, Place, Place] = [
  { namespace: 'dev', group: 'G' },
  { namespace: 'dev', group: 'H' },
  { namespace: '', group: 'G' },
]
const places: readonly Place[] = [own, beside, foreign, { namespace: 'dev', group: 'DEFAULT_GROUP' }, { namespace: '', group: 'DEFAULT_GROUP' }]

let node: Awaited<ReturnType<typeof startMarkedNode>>
/** Whoever may do all in `dev`, and whoever may do all to one configuration and one service in one group of it. */
const callers: { ofDev: Record<string, string>; ofOne: Record<string, string> } = { ofDev: {}, ofOne: {} }

beforeAll(async () => {
  node = await startMarkedNode(places)
  callers.ofDev = await node.signUp('dev', ['dev:*:*'])
  callers.ofOne = await node.signUp('one', ['dev:G:config/a', 'dev:G:naming/s', 'dev:G:naming/e', 'dev:G:naming/n'])
  node.parts.auth.switchTo(true)
})
afterAll(() => node.close())

const namespaceNames = ['tenant', 'namespaceId', 'namespace', 'targetNamespaceId']
const groupNames = ['group', 'groupName']
const serviceNames = ['serviceName', 'dom']

/** None of the names, each alone, and all but each: whichever of them a handler goes by, there is a choice without it. */
const choicesOf = (names: readonly string[]): readonly (readonly string[])[] => [
  [],
  ...names.map((name) => [name]),
  ...names.map((left) => names.filter((name) => name !== left)),
]
const saying = (names: readonly string[], value: string): Fields => Object.fromEntries(names.map((name) => [name, value]))
const subject = (door: Door): Fields => ({ dataId: 'a', ...saying(serviceNames, node.serviceFor(door)) })

/** A statuses key names a service in its own manner, for those who may see any. */
const isForAny = ({ path }: Door): boolean => path.includes('/statuses')
/** It tells nothing but that it has looked, and changes nothing. */
const isSilent = ({ path }: Door): boolean => path.endsWith('/dataChange')

interface Walk {
  /** What the caller is not to touch, and what its requests are about if nothing they name stands in the way. */
  readonly at: Place
  readonly caller: Record<string, string>
  triesOf(door: Door): readonly Fields[]
  isOwn(place: Place, name: string): boolean
  isOwnMark(mark: string): boolean
}

/** Marks that are not this caller's to see, and what it has changed that is not its own to change. */
const trespassesAt = async (door: Door, { at, caller, triesOf, isOwn, isOwnMark }: Walk): Promise<readonly string[]> => {
  const found: string[] = []
  await node.fill(own)
  const state = () => node.stateOf((place, name) => !isOwn(place, name))
  let before = state()
  for (const names of triesOf(door)) {
    const { marks, status } = await node.ask(door, names, at, caller)
    const seen = marks.filter((mark) => !isOwnMark(mark))
    const after = state()
    const looked = isSilent(door) && status === 200 && names.tenant !== 'dev'
    if (seen.length > 0 || after !== before || looked)
      found.push(`${namesOf(door)} with ${JSON.stringify(names)}: ${status} ${seen} ${after === before ? '' : 'changed'}`)
    before = after
  }
  return found
}

const trespassesOf = async (walk: Walk): Promise<readonly string[]> => {
  const found: string[] = []
  for (const door of node.doors) found.push(...(await trespassesAt(door, walk)))
  return found
}

const inDev = ({ namespace }: Place): boolean => namespace === 'dev'
const isDevMark = (mark: string): boolean => mark.startsWith('mark_dev_')

describe('whoever may do all in one namespace', () => {
  it('neither sees nor changes another, whichever names are given and whichever are left out', async () => {
    const tries = (door: Door): readonly Fields[] =>
      choicesOf(namespaceNames).flatMap((given) => {
        const names = { ...subject(door), ...saying(groupNames, 'G') }
        const written = { ...names, ...saying(given, 'dev') }
        return [written, ...(given.length === 1 ? [{ ...names, ...saying(namespaceNames, ''), ...saying(given, 'dev') }] : [])]
      })
    const walk = { at: foreign, caller: callers.ofDev, triesOf: tries, isOwn: inDev, isOwnMark: isDevMark }
    expect(await trespassesOf(walk)).toEqual([])
  })
})

describe('whoever may touch one configuration and one service', () => {
  it('neither sees nor changes what stands beside it, whichever names are given and whichever are left out', async () => {
    const isOwn = ({ namespace, group }: Place, name: string): boolean => namespace === 'dev' && group === 'G' && ownNames.has(name)
    const tries = (door: Door): readonly Fields[] => {
      const service = node.serviceFor(door)
      const groups = [[], ['group'], ['groupName']].map((given) => ({ ...subject(door), ...saying(given, 'G') }))
      const subjects = [
        ...[[], ['serviceName'], ['dom'], serviceNames].map((given) => ({ dataId: 'a', ...saying(given, service) })),
        ...[saying(serviceNames, service), { dataId: 'a', serviceName: `H@@${service}` }],
      ].map((names) => ({ ...names, ...saying(groupNames, 'G') }))
      return [...groups, ...subjects].map((names) => ({ ...names, ...saying(namespaceNames, 'dev') }))
    }
    const walk = { at: beside, caller: callers.ofOne, triesOf: tries, isOwn, isOwnMark: (mark: string) => mark === markOf(own, true) }
    expect(await trespassesOf(walk)).toEqual([])
  })
})

describe('every route', () => {
  /** Whether it shows what stands at a place, or changes it; if it may have, all is put back. */
  const reach = async (door: Door, names: Fields, at: Place, caller: Record<string, string>): Promise<{ reached: boolean; outcome: Outcome }> => {
    const state = () => node.stateOf((place) => place.namespace === at.namespace)
    const before = state()
    const outcome = await node.ask(door, names, at, caller)
    const changed = state() !== before
    const shown = outcome.marks.some((mark) => mark.startsWith(`mark_${wordOf(at)}_`))
    if (changed) await node.fill(at)
    return { reached: shown || changed || (isSilent(door) && outcome.status === 200), outcome }
  }
  beforeAll(() => node.fill(own))

  it('is walked so that it reaches the default namespace if nobody stands in the way', async () => {
    const missed: string[] = []
    for (const door of node.doors) {
      if (isForAny(door)) continue
      const { reached, outcome } = await reach(
        door,
        { ...subject(door), ...saying(groupNames, 'G'), ...saying(namespaceNames, '') },
        foreign,
        node.asConsole,
      )
      if (!reached) missed.push(`${namesOf(door)}: ${outcome.status}`)
    }
    expect(missed).toEqual([])
  })

  it('serves whoever gives the namespace by its own name alone', async () => {
    const missed: string[] = []
    for (const door of node.doors) {
      if (isForAny(door)) continue
      const statuses: string[] = []
      for (const name of namespaceNames) {
        const { reached, outcome } = await reach(door, { ...subject(door), ...saying(groupNames, 'G'), [name]: 'dev' }, own, callers.ofDev)
        statuses.push(reached ? 'reached' : String(outcome.status))
      }
      if (!statuses.includes('reached')) missed.push(`${namesOf(door)}: ${statuses}`)
    }
    expect(missed).toEqual([])
  })

  it('that takes any service in its key is for those who may see any', async () => {
    for (const door of node.doors.filter(isForAny))
      expect((await node.ask(door, { ...subject(door), ...saying(namespaceNames, 'dev') }, own, callers.ofDev)).status).toBe(403)
  })
})

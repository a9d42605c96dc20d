/** What a client does with configurations, and what must be seen of it at every node. */

import { expect } from 'vitest'
import { send } from '../../support/http.ts'
import { publishOnce, read, removeOnce } from '../../support/nacos.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { Scene, Subject } from './scene.ts'
import { type Action, cellOf } from './table.ts'

export const group = 'DEFAULT_GROUP'
/**
 * Catches a hang: a poll that begins anew, a push that is sent again, a client that asks its node every five seconds and takes up what it was told in the
 * midst of that the next time.
 */
const toldLimitMs = 25_000
/** A client's own pauses between its tries. */
const againLimitMs = 15_000
/** Every text that a form, JSON or a terminal might spoil. */
const oddText = '第一版: "a" & b=c%20+\n😀\ttab\n'

type Run = (scene: Scene, subject: Subject) => Promise<void>

const seenEverywhere = async ({ bases }: Scene, dataId: string, content: string | null): Promise<void> => {
  for (const base of bases)
    await waitUntil(`${dataId} to be seen at ${base}`, async () => {
      const { status, text } = await read(base, { dataId })
      return content === null ? status === 404 : status === 200 && text === content
    })
}

const publish: Run = async (scene, { row, program }) => {
  const dataId = `published-${row.name}`
  expect(await program.ask('publish', { dataId, group, content: oddText })).toBe(true)
  await seenEverywhere(scene, dataId, oddText)
}

const get: Run = async ({ bases }, { row, program }) => {
  const dataId = `got-${row.name}`
  expect(await program.ask('get', { dataId, group })).toBeFalsy()
  await publishOnce(bases[1], { dataId }, oddText)
  await waitUntil('it to get what is there', async () => (await program.ask('get', { dataId, group })) === oddText)
}

const remove: Run = async (scene, { row, program }) => {
  const dataId = `removed-${row.name}`
  await publishOnce(scene.bases[2], { dataId }, 'a')
  expect(await program.ask('remove', { dataId, group })).toBe(true)
  await seenEverywhere(scene, dataId, null)
}

const told = async ({ program }: Subject, dataId: string, content: string, limitMs = toldLimitMs): Promise<void> => {
  await waitUntil(`it to be told "${content}"`, () => program.contents(dataId).at(-1) === content, limitMs)
}

/** One for all that it is to hear: the client for Node takes a second one into its poll only once the first has ended. */
const heardBy = ({ row }: Subject): string => `heard-by-${row.name}`

/** A client may say that it listens before its node has heard of it, and may not look at the answer to that: a change in between it hears late. */
const isListenedTo = (base: string, dataId: string): Promise<unknown> =>
  waitUntil(`a node to know that ${dataId} is listened to`, async () => {
    const { text } = await send(base, { path: `/nacos/v1/cs/configs/listener?${new URLSearchParams({ dataId, group })}` })
    const { lisentersGroupkeyStatus: listeners } = JSON.parse(text) as { lisentersGroupkeyStatus: object }
    return Object.keys(listeners).length > 0
  })

const listen: Run = async ({ bases }, subject) => {
  const dataId = heardBy(subject)
  await publishOnce(bases[0], { dataId }, 'before')
  await subject.program.ask('listen', { dataId, group })
  await isListenedTo(bases[0] ?? '', dataId)
  // Through each node once: one of them is the client's own.
  for (const [at, base] of bases.entries()) {
    await publishOnce(base, { dataId }, `${oddText}${at}`)
    await told(subject, dataId, `${oddText}${at}`)
  }
}

/** `isThere` false: told as gone. */
export const isToldName = ({ program }: Subject, name: string, isThere: boolean): Promise<unknown> =>
  waitUntil(`it to be told that ${name} is ${isThere ? 'there' : 'gone'}`, () => program.names().get(name) === isThere, againLimitMs)

const follow: Run = async ({ bases }, subject) => {
  const [here, there] = ['here', 'there'].map((word) => `followed-${subject.row.name}-${word}`) as [string, string]
  await publishOnce(bases[0], { dataId: here }, 'a')
  await subject.program.ask('follow', { dataId: `followed-${subject.row.name}-*`, group })
  await isToldName(subject, here, true)
  await publishOnce(bases[1], { dataId: there }, 'a')
  await isToldName(subject, there, true)
  await removeOnce(bases[2], { dataId: here })
  await isToldName(subject, here, false)
}

export const configActions: Partial<Readonly<Record<Action, Run>>> = { publish, get, remove, listen, follow }

const follows = ({ row }: Subject): boolean => cellOf(row, 'follow').kind === 'does'

/** Before nodes die. */
export const prepareToOutlive = async ({ bases }: Scene, subject: Subject): Promise<void> => {
  const dataId = heardBy(subject)
  await publishOnce(bases[0], { dataId }, 'before')
  await subject.program.ask('listen', { dataId, group })
  await told(subject, dataId, 'before')
  if (follows(subject)) await subject.program.ask('follow', { dataId: `outlived-${subject.row.name}-*`, group })
}

/** While one is dead: `alive` are the others. */
export const outlive = async (alive: readonly string[], subject: Subject, turn: number): Promise<void> => {
  const { row, program } = subject
  const mine = { dataId: `wrote-${row.name}`, group }
  // A call that is under way when its node dies may fail; the client then finds another node by itself.
  await waitUntil('it to publish', () => program.ask('publish', { ...mine, content: `${turn}` }), againLimitMs)
  await waitUntil('what it wrote to be seen', async () => (await read(alive[0] ?? '', mine)).text === `${turn}`)
  if (follows(subject)) {
    const name = `outlived-${row.name}-${turn}`
    await publishOnce(alive[1], { dataId: name }, 'a')
    await isToldName(subject, name, true)
  }
  if (row.listensAgainMs !== undefined) return
  const dataId = heardBy(subject)
  await publishOnce(alive[1], { dataId }, `${turn}`)
  await told(subject, dataId, `${turn}`)
}

/** Once all nodes are back: by then it must listen again, in its own time. */
export const hearsAgain = async ({ bases }: Scene, subject: Subject): Promise<void> => {
  const dataId = heardBy(subject)
  await publishOnce(bases[0], { dataId }, 'after')
  await told(subject, dataId, 'after', (subject.row.listensAgainMs ?? 0) + toldLimitMs)
}

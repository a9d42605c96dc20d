/**
 * What all generations of the API do with namespaces: lists with their counts, changes with their outcome. It knows no parameter names and no
 * envelopes. Counts are of this node's own applied state.
 */

import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { NamespaceCommand, NamespaceRefusal, NamespaceRow } from '../../../state-machine/areas/namespace-words.ts'
import type { SharedRecord } from '../../../state-machine/areas/shared-words.ts'
import type { ConfigIndexRow } from '../../../state-machine/types.ts'
import { whenRecordFits } from '../column-excess.ts'
import { type Answer, caused, refusal, refuse } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { sendIfThere } from '../result.ts'
import { answerLater } from '../v1/answer-later.ts'
import { createScanQueue } from '../v1/scan-queue.ts'
import { idProblem, isDefaultNamespace, nameProblem } from './namespace-names.ts'

/** As JSON has it, in all versions. */
export interface ShownNamespace {
  readonly namespace: string
  readonly namespaceShowName: string
  readonly namespaceDesc: string
  readonly quota: number
  readonly configCount: number
  /** 0 the default one, 2 made by somebody. */
  readonly type: number
}

/** Why a change was not made, or null: it was. */
export type NamespaceProblem = {
  readonly why: NamespaceRefusal | 'illegal' | 'is-default'
  readonly words: string
}

export interface Wanted {
  readonly id: string
  readonly name: string
  readonly description: string
}

type Told = (problem: NamespaceProblem | null) => void

export interface Namespaces {
  /** @param defaultId what this version calls the default one: `''` or `public` */
  list(response: ServerResponse, defaultId: string, done: (namespaces: readonly ShownNamespace[]) => Answer): void
  /** `undefined`: there is none. */
  detail(
    response: ServerResponse,
    asked: { readonly id: string; readonly defaultId: string },
    done: (found: ShownNamespace | undefined) => Answer,
  ): void
  exists(id: string): boolean
  /** A blank id: one is made up. */
  create(response: ServerResponse, wanted: Wanted, told: Told): void
  update(response: ServerResponse, wanted: Wanted, told: Told): void
  /** One that is not there is a success. */
  remove(response: ServerResponse, id: string, told: Told): void
}

/** Nacos's limit that nothing enforces unless capacity management is on. */
const quota = 200
const defaultShown = { namespaceShowName: 'public', namespaceDesc: 'Default Namespace', quota, type: 0 } as const

const shown = ({ id, showName, description }: NamespaceRow, configCount: number): ShownNamespace => ({
  ...{ namespace: id, namespaceShowName: showName, namespaceDesc: description },
  ...{ quota, configCount, type: 2 },
})

/** As it would stand in a table; no time is too long for one. */
const rowOf = ({ id, name, description }: Wanted): SharedRecord => ({
  ...{ kind: 'namespace', id, showName: name, description, createdMs: 0, modifiedMs: 0 },
})

const byAge = (a: NamespaceRow, b: NamespaceRow): number => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1)

const wordsOf = (why: NamespaceRefusal, id: string): string => {
  switch (why) {
    case 'namespace-exists':
      return `namespaceId [${id}] already exist`
    case 'namespace-unknown':
      return `namespaceId [ ${id} ] not exist`
    case 'namespace-holds-configs':
      return `namespace [${id}] still holds configurations; remove them first, nothing was deleted`
    case 'namespace-holds-services':
      return `namespace [${id}] still holds services; remove them first, nothing was deleted`
    case 'too-many-namespaces':
      return 'there are as many namespaces as a cluster takes; delete one first'
  }
}

const isDefault: NamespaceProblem = { why: 'is-default', words: 'the default namespace can neither be made, changed nor deleted' }

export const createNamespaces = (parts: HttpParts): Namespaces => {
  const { namespaces } = parts
  const scans = createScanQueue<ConfigIndexRow>(parts.clock)

  /** By namespace, `''` the default one; a walk over all configurations, some milliseconds a turn. */
  const count = (response: ServerResponse, done: (counts: ReadonlyMap<string, number>) => Answer): void => {
    const counts = new Map<string, number>()
    const taken = scans.add({
      rows: parts.configs.all(),
      wanted: () => !response.destroyed,
      visit: ({ namespace }) => void counts.set(namespace, (counts.get(namespace) ?? 0) + 1),
      done: () => answerLater(parts, response, () => sendIfThere(response, done(counts))),
    })
    if (!taken) refuse(refusal('overloaded', 'this node has as many searches under way as it may; try again'))
  }

  const defaultOne = (defaultId: string, counts: ReadonlyMap<string, number>): ShownNamespace => ({
    namespace: defaultId,
    ...defaultShown,
    configCount: counts.get('') ?? 0,
  })

  const propose = (response: ServerResponse, command: NamespaceCommand, told: Told): void =>
    namespaces.propose(command, (outcome) =>
      answerLater(parts, response, () => {
        if (outcome.kind !== 'applied') sendIfThere(response, refusal(outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'))
        else if (outcome.reply.kind === 'namespace-done') told(null)
        else if (outcome.reply.kind !== 'namespace-refused')
          sendIfThere(response, caused(500, 'the nodes could not read this write; nothing was changed'))
        else told({ why: outcome.reply.why, words: wordsOf(outcome.reply.why, command.id) })
      }),
    )

  const write = (response: ServerResponse, kind: 'create-namespace' | 'update-namespace', wanted: Wanted, told: Told): void => {
    const { id, name, description } = wanted
    const problem = idProblem(id) ?? nameProblem(name)
    if (isDefaultNamespace(id)) told(kind === 'create-namespace' ? { why: 'namespace-exists', words: wordsOf('namespace-exists', id) } : isDefault)
    else if (problem !== null) told({ why: 'illegal', words: problem })
    else whenRecordFits(parts, rowOf(wanted), response, () => propose(response, { kind, id, showName: name, description }, told))
  }

  return {
    list: (response, defaultId, done) =>
      count(response, (counts) => {
        const rows = [...namespaces.all()].sort(byAge)
        return done([defaultOne(defaultId, counts), ...rows.map((row) => shown(row, counts.get(row.id) ?? 0))])
      }),
    detail: (response, { id, defaultId }, done) =>
      count(response, (counts) => {
        if (isDefaultNamespace(id)) return done(defaultOne(defaultId, counts))
        const row = namespaces.find(id)
        return done(row === undefined ? undefined : shown(row, counts.get(id) ?? 0))
      }),
    exists: (id) => isDefaultNamespace(id) || namespaces.find(id) !== undefined,
    create: (response, wanted, told) =>
      write(response, 'create-namespace', wanted.id.trim() === '' ? { ...wanted, id: randomUUID() } : { ...wanted, id: wanted.id.trim() }, told),
    update: (response, wanted, told) => write(response, 'update-namespace', wanted, told),
    remove: (response, id, told) => {
      if (isDefaultNamespace(id)) told(isDefault)
      else propose(response, { kind: 'delete-namespace', id }, (problem) => told(problem?.why === 'namespace-unknown' ? null : problem))
    },
  }
}

/**
 * Namespaces in the state machine: commands, memory and records. It decides what may be created and what may go; names are the API's to judge. It
 * must never let the default namespace become a row.
 */

import type { AreaRecord } from '../types.ts'
import type { Area, AreaStep } from './area.ts'
import type { NamespaceCommand, NamespaceRefusal, NamespaceReply, NamespaceRow } from './namespace-words.ts'
import { decodeTextCommand, decodeTexts, encodeTextCommand, encodeTexts } from './texts-codec.ts'
import { createUndoMap } from './undo-map.ts'

export const namespaceArea = 4
const area = namespaceArea
const kinds = { 'create-namespace': 48, 'update-namespace': 49, 'delete-namespace': 50 } as const
export const namespaceKinds = [kinds['create-namespace'], kinds['delete-namespace']] as const

/** All are in memory and in one answer; about 500 bytes each. */
export const namespacesMax = 10_000

/** Whether something stands in a namespace that is about to go, by all that the running batch has changed. */
export interface NamespaceContents {
  hasConfigs(namespace: string): boolean
  hasServices(namespace: string): boolean
}

export interface NamespaceArea extends Area {
  find(id: string): NamespaceRow | undefined
  /** In no order that means anything. */
  all(): IterableIterator<NamespaceRow>
  size(): number
}

export const encodeNamespaceCommand = (command: NamespaceCommand): Uint8Array =>
  encodeTextCommand(kinds[command.kind], command.kind === 'delete-namespace' ? [command.id] : [command.id, command.showName, command.description])

/** @returns null for what no version of ours wrote */
export const decodeNamespaceCommand = (bytes: Uint8Array): NamespaceCommand | null => {
  if (bytes[1] === kinds['delete-namespace']) {
    const [id = ''] = decodeTextCommand(bytes, 1) ?? []
    return isRowId(id) ? { kind: 'delete-namespace', id } : null
  }
  const [id = '', showName = '', description = ''] = decodeTextCommand(bytes, 3) ?? []
  if (!isRowId(id)) return null
  return { kind: bytes[1] === kinds['create-namespace'] ? 'create-namespace' : 'update-namespace', id, showName, description }
}

const isRowId = (id: string): boolean => id !== '' && id !== 'public'

export const namespaceBytes = ({ showName, description, createdMs, modifiedMs }: NamespaceRow): Uint8Array =>
  encodeTexts([showName, description, String(createdMs), String(modifiedMs)])

export const namespaceOf = (id: string, bytes: Uint8Array): NamespaceRow | null => {
  const texts = decodeTexts(bytes)
  if (texts?.length !== 4) return null
  const [showName = '', description = '', created = '', modified = ''] = texts
  return { id, showName, description, createdMs: Number(created), modifiedMs: Number(modified) }
}

/** A namespace of a snapshot, as it comes back in the place of the one of now; the bytes of now if nothing is another. */
export const namespaceAgain = (kept: AreaRecord, now: AreaRecord | null, timeMs: number): Uint8Array => {
  const row = namespaceOf(kept.key, kept.value)
  // Of another version: as it was.
  if (row === null) return kept.value
  const before = now === null ? null : namespaceOf(now.key, now.value)
  if (now !== null && before?.showName === row.showName && before.description === row.description) return now.value
  return namespaceBytes({ ...row, createdMs: before?.createdMs ?? timeMs, modifiedMs: timeMs })
}

const refused = (why: NamespaceRefusal): NamespaceReply => ({ kind: 'namespace-refused', why })

export const createNamespaceArea = (contents: NamespaceContents): NamespaceArea => {
  const rows = createUndoMap<string, NamespaceRow>()

  const put = (step: AreaStep, row: NamespaceRow): NamespaceReply => {
    rows.set(row.id, row)
    step.put(area, row.id, namespaceBytes(row))
    return { kind: 'namespace-done', index: step.index }
  }
  const drop = (step: AreaStep, id: string): NamespaceReply => {
    if (contents.hasConfigs(id)) return refused('namespace-holds-configs')
    if (contents.hasServices(id)) return refused('namespace-holds-services')
    rows.delete(id)
    step.drop(area, id)
    return { kind: 'namespace-done', index: step.index }
  }
  const carryOut = (command: NamespaceCommand, step: AreaStep): NamespaceReply => {
    const current = rows.get(command.id)
    if (command.kind === 'create-namespace') {
      if (current !== undefined) return refused('namespace-exists')
      if (rows.size() >= namespacesMax) return refused('too-many-namespaces')
      const { id, showName, description } = command
      return put(step, { id, showName, description, createdMs: step.timeMs, modifiedMs: step.timeMs })
    }
    if (current === undefined) return refused('namespace-unknown')
    if (command.kind === 'delete-namespace') return drop(step, command.id)
    const { showName, description } = command
    return put(step, { ...current, showName, description, modifiedMs: step.timeMs })
  }

  return {
    numbers: [area],
    kinds: namespaceKinds,
    load: ({ key, value }) => {
      const row = namespaceOf(key, value)
      if (row !== null) rows.set(key, row)
      rows.publish()
    },
    apply: (payload, step) => {
      const command = decodeNamespaceCommand(payload)
      return command === null ? { kind: 'invalid-command' } : carryOut(command, step)
    },
    adopt: (id, value, step) => {
      const row = value === null ? null : namespaceOf(id, value)
      if (!isRowId(id) || (value !== null && row === null) || (rows.get(id) === undefined && rows.size() >= namespacesMax)) return false
      if (row !== null) put(step, row)
      else {
        rows.delete(id)
        step.drop(area, id)
      }
      return true
    },
    publish: rows.publish,
    discard: rows.discard,
    changeOf: () => null,
    find: rows.get,
    all: rows.values,
    size: rows.size,
  }
}

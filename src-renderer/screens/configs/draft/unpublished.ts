/** Drafts of configurations that do not exist (yet, or any more), as rows of the list. Pure. */

import type { ConfigKeyInput, ConfigSummary } from '../../../../src-main/contract/index.ts'
import { type Draft, draftName } from './draft-store.ts'

const keyOf = (name: string): ConfigKeyInput | null => {
  try {
    const parts: unknown = JSON.parse(name)
    if (!Array.isArray(parts)) return null
    const [namespace, group, dataId]: unknown[] = parts
    return typeof namespace === 'string' && typeof group === 'string' && typeof dataId === 'string' ? { namespace, group, dataId } : null
  } catch {
    return null
  }
}

interface UnpublishedInput {
  readonly names: ReadonlySet<string>
  readonly namespace: string
  /** Configurations that exist, by `draftName`. */
  readonly listed: ReadonlyMap<string, unknown>
  readonly load: (key: ConfigKeyInput) => Draft | null
}

export const unpublishedDrafts = ({ names, namespace, listed, load }: UnpublishedInput): readonly ConfigSummary[] =>
  [...names].flatMap((name) => {
    const key = listed.has(name) ? null : keyOf(name)
    if (key === null || key.namespace !== namespace || draftName(key) !== name) return []
    const draft = load(key)
    if (draft === null) return []
    return [{ ...key, id: name, type: draft.type, md5: '', contentBytes: draft.content.length, modifiedMs: draft.savedAtMs }]
  })

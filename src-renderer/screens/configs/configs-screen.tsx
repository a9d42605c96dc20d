/** The Configs screen: list, editor, information. Owns what the address says (filter, node, what is open) and the drafts; the parts own the rest. */

import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { ConfigKeyInput, ConfigSummary, ConfigTypeName } from '../../../src-main/contract/index.ts'
import { useClusterView } from '../../api/cluster.ts'
import type { ConfigsSearch } from '../../search.ts'
import classes from './configs-screen.module.css'
import { defaultGroup } from './create/key-rules.ts'
import { NewConfig } from './create/new-config.tsx'
import { sample } from './create/sample.ts'
import { createDraftStore, type Draft, draftName } from './draft/draft-store.ts'
import { unpublishedDrafts } from './draft/unpublished.ts'
import { EditorPane } from './editor/editor-pane.tsx'
import { ConfigList } from './list/config-list.tsx'
import { allConfigsKey, useAllConfigs } from './list/use-all-configs.ts'
import { NothingOpen } from './nothing-open.tsx'
import { SnapshotsDialog } from './snapshots/snapshots-dialog.tsx'

const infoKey = 'nacos-trio.configs-info'
/** Below it the panel lies over the text: there it is closed until asked for, whatever is remembered for a wide window. */
const infoBeside = '(min-width: 1200px)'

/** undefined takes a part out of the address. */
type Change = { readonly [K in keyof ConfigsSearch]?: ConfigsSearch[K] | undefined }

export function ConfigsScreen() {
  const address = useSearch({ from: '/configs' })
  const navigate = useNavigate({ from: '/configs' })
  const queryClient = useQueryClient()
  const { view } = useClusterView()
  const namespace = address.ns ?? ''
  const node = address.node ?? null
  const { group, dataId } = address
  const open = useMemo<ConfigKeyInput | null>(
    () => (group === undefined || dataId === undefined ? null : { namespace, group, dataId }),
    [namespace, group, dataId],
  )
  const [drafts] = useState(() => createDraftStore(localStorage))
  const draftNames = useSyncExternalStore(drafts.subscribe, drafts.names)
  const all = useAllConfigs(namespace, node)
  const byName = useMemo(() => new Map(all.configs.map((config) => [draftName(config), config])), [all.configs])
  const listed = !all.pending && !all.loadingMore && !all.bounded
  const unpublished = useMemo(
    () => (listed ? unpublishedDrafts({ names: draftNames, namespace, listed: byName, load: drafts.load }) : []),
    [listed, draftNames, namespace, byName, drafts],
  )
  const [infoShown, toggleInfo] = useInfoShown()
  const focusEditor = useRef(false)

  const go = useCallback(
    (change: Change, replace = false) => void navigate({ search: (before: ConfigsSearch) => cleaned({ ...before, ...change }), replace }),
    [navigate],
  )
  const openKey = useCallback(
    (key: ConfigKeyInput, focus: boolean) => {
      focusEditor.current = focus
      go({ group: key.group, dataId: key.dataId, new: undefined })
    },
    [go],
  )
  const close = () => go({ group: undefined, dataId: undefined })
  const refresh = useCallback(() => void queryClient.invalidateQueries({ queryKey: [allConfigsKey] }), [queryClient])
  const startDraft = (key: ConfigKeyInput, draft: Pick<Draft, 'content' | 'type'>) => {
    drafts.save(key, { ...draft, baseMd5: '', savedAtMs: Date.now() })
    openKey(key, true)
  }
  const create = (key: ConfigKeyInput, type: ConfigTypeName) => startDraft(key, { content: '', type })
  const openName = open === null ? null : draftName(open)
  const row: ConfigSummary | null | undefined = openName === null ? undefined : (byName.get(openName) ?? (listed ? null : undefined))

  return (
    <div className={classes.screen}>
      <div className={classes.columns}>
        <ConfigList
          all={all}
          unpublished={unpublished}
          drafts={draftNames}
          query={address.q ?? ''}
          onQuery={(q) => go({ q: q === '' ? undefined : q } as Partial<ConfigsSearch>, true)}
          open={open}
          onOpen={openKey}
          node={node}
          led={view === null || view.leaderId !== null}
          nodes={(view?.nodes ?? []).map((one) => one.id)}
          onNode={(next) => go({ node: next ?? undefined })}
          onNew={() => go({ new: true })}
          onSnapshots={() => go({ snapshots: true })}
          onSample={() => startDraft({ namespace, group: defaultGroup, dataId: sample.dataId }, sample)}
        />
        <div className={classes.main}>
          {open === null ? (
            <NothingOpen empty={listed && byName.size === 0} />
          ) : (
            <EditorPane
              key={`${openName}:${node}`}
              configKey={open}
              node={node}
              row={row}
              drafts={drafts}
              infoShown={infoShown}
              onInfo={toggleInfo}
              onClose={close}
              onChanged={refresh}
              onCreate={() => go({ new: true })}
              autoFocus={focusEditor.current}
            />
          )}
        </div>
      </div>
      {address.snapshots === true ? <SnapshotsDialog onClose={() => go({ snapshots: undefined })} onChanged={refresh} /> : null}
      {address.new === true ? (
        <NewConfig
          namespace={namespace}
          initialDataId={row === null && open !== null ? open.dataId : ''}
          initialGroup={row === null && open !== null ? open.group : ''}
          exists={(key) => byName.has(draftName(key))}
          onOpen={(key) => openKey(key, true)}
          onCreate={create}
          onClose={() => go({ new: undefined })}
        />
      ) : null}
    </div>
  )
}

/** Remembered where the panel stands beside the text; elsewhere it is open only as long as this window is that narrow. */
function useInfoShown(): readonly [boolean, () => void] {
  const beside = useMediaQuery(infoBeside, true, { getInitialValueInEffect: false })
  const [remembered, setRemembered] = useLocalStorage({ key: infoKey, defaultValue: true, getInitialValueInEffect: false })
  const [over, setOver] = useState(false)
  if (beside && over) setOver(false)
  return beside ? [remembered, () => setRemembered((before) => !before)] : [over, () => setOver((before) => !before)]
}

/** Leaves out what is undefined, so that addresses stay short. */
function cleaned(search: object): ConfigsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as ConfigsSearch
}

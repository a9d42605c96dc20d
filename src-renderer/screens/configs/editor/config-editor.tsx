/** The editor of one configuration: toolbar, notices, text, foot, information, and the dialogs that publishing needs. Puts the parts together; each knows itself. */

import { useLocalStorage } from '@mantine/hooks'
import { type KeyboardEvent, lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigDetail } from '../../../../src-main/contract/index.ts'
import { useAction } from '../../../actions/registry.ts'
import { toast } from '../../../components/toast.tsx'
import { formatContent } from '../lint/format.ts'
import type { Problem } from '../lint/problem.ts'
import { InfoPanel } from '../panel/info-panel.tsx'
import { ConflictDialog } from '../publish/conflict-dialog.tsx'
import { PublishDialog } from '../publish/publish-dialog.tsx'
import { usePublishing } from '../publish/use-publishing.ts'
import { useRemoving } from '../publish/use-removing.ts'
import type { Cursor, EditorHandle } from './code-editor.tsx'
import classes from './config-editor.module.css'
import { EditorFoot } from './editor-foot.tsx'
import type { EditorPaneProps } from './editor-pane.tsx'
import { Notices } from './notices.tsx'
import { largeBytes } from './sizes.ts'
import { Toolbar } from './toolbar.tsx'
import { useEditSession } from './use-edit-session.ts'

const CodeEditor = lazy(() => import('./code-editor.tsx').then((module) => ({ default: module.CodeEditor })))

const wrapKey = 'nacos-trio.configs-wrap'
const noProblems: readonly Problem[] = []

export interface ConfigEditorProps extends EditorPaneProps {
  readonly detail: ConfigDetail | null
  readonly onReload: () => void
}

/** Esc goes up one level, unless the editor had a use for it (a panel, a selection). */
function upToList(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'Escape' || event.defaultPrevented) return
  document.querySelector<HTMLElement>('#content [role=listbox]')?.focus()
}

export function ConfigEditor(props: ConfigEditorProps) {
  const { t } = useTranslation('configs')
  const { configKey, detail, drafts } = props
  const { dataId } = configKey
  const editor = useRef<EditorHandle | null>(null)
  const session = useEditSession({ configKey, detail, drafts, editor })
  const publishing = usePublishing({ configKey, node: props.node, session, onChanged: props.onChanged })
  const remove = useRemoving({
    configKey,
    node: props.node,
    session,
    drafts,
    onChanged: props.onChanged,
    onClose: props.onClose,
    onReload: props.onReload,
  })
  const [wrap, setWrap] = useLocalStorage({ key: wrapKey, defaultValue: false, getInitialValueInEffect: false })
  const [cursor, setCursor] = useState<Cursor>({ line: 1, column: 1 })
  const [large] = useState(() => session.measured.bytes > largeBytes)
  const { measured, rest, base, reconcile, touched, dismiss } = session

  useEffect(() => reconcile(detail), [detail, reconcile])
  const onChange = useCallback(() => {
    touched()
    publishing.forget()
  }, [touched, publishing.forget])

  useAction('configsPublish', () => (session.isDirty() ? publishing.review() : toast.success({ message: t('bar.nothingToPublish') })))

  const messageOf = useCallback((problem: Problem) => t(`problem.${problem.code}`, { name: problem.name }), [t])
  const format = () => {
    const result = formatContent(rest.type, session.current().content)
    if (result.kind === 'formatted') {
      const end = editor.current?.lineEnd() ?? '\n'
      editor.current?.replace(result.text)
      if (end !== null && end !== '\n') editor.current?.convert(end)
      return
    }
    const words = { same: 'formatSame', 'has-errors': 'formatErrors', 'not-safe': 'formatUnsafe', 'no-format': 'formatNone' } as const
    toast[result.kind === 'same' ? 'success' : 'error']({ message: t(`bar.${words[result.kind]}`) })
  }
  const leave = () => {
    dismiss()
    editor.current?.focus()
  }

  return (
    <div className={classes.pane} data-info={props.infoShown}>
      <section className={classes.editor} aria-label={t('editor.label', { dataId })}>
        <Toolbar
          configKey={configKey}
          type={rest.type}
          dirty={measured.dirty}
          exists={base !== null}
          wrap={wrap}
          canFormat={!large && (rest.type === 'json' || rest.type === 'yaml' || rest.type === 'xml')}
          infoShown={props.infoShown}
          onType={(type) => session.change({ type })}
          onPublish={publishing.review}
          onFormat={format}
          onWrap={() => setWrap((before) => !before)}
          onSearch={() => editor.current?.openSearch()}
          onRevert={() => session.show(base)}
          onDelete={remove}
          onInfo={props.onInfo}
          onClose={props.onClose}
        />
        <Notices
          session={session}
          large={large}
          result={publishing.result}
          onUndo={publishing.undo}
          onCloseResult={publishing.forget}
          onDiscard={() => session.show(base)}
          onCompare={(theirs) => publishing.conflictWith(theirs)}
          onLeave={leave}
        />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: Esc bubbles up from the editor inside; the box itself does nothing */}
        <div className={classes.text} onKeyDown={upToList}>
          <Suspense fallback={<div className={classes.loading}>{t('editor.loading')}</div>}>
            <CodeEditor
              ref={editor}
              autoFocus={props.autoFocus}
              initial={session.initial}
              type={rest.type}
              large={large}
              wrap={wrap}
              label={t('editor.label', { dataId })}
              problems={measured.problems ?? noProblems}
              messageOf={messageOf}
              onChange={onChange}
              onCursor={setCursor}
            />
          </Suspense>
        </div>
        <EditorFoot
          measured={measured}
          cursor={cursor}
          messageOf={messageOf}
          onGoTo={(offset) => editor.current?.goTo(offset)}
          onConvert={(end) => {
            editor.current?.convert(end)
            touched()
          }}
        />
      </section>
      {props.infoShown ? <InfoPanel configKey={configKey} session={session} detail={detail} onClose={props.onInfo} /> : null}
      {publishing.step?.kind === 'review' ? (
        <PublishDialog
          key={publishing.step.before?.md5 ?? ''}
          configKey={configKey}
          step={publishing.step}
          messageOf={messageOf}
          sending={publishing.sending}
          refusal={publishing.refusal}
          checked={publishing.checked}
          onPublish={publishing.publish}
          onCheck={publishing.check}
          onClose={() => {
            publishing.close()
            editor.current?.focus()
          }}
        />
      ) : null}
      {publishing.step?.kind === 'conflict' ? (
        <ConflictDialog
          configKey={configKey}
          step={publishing.step}
          hadBase={base !== null}
          onTakeTheirs={() => {
            const mine = session.current().content
            const theirs = publishing.takeTheirs()
            toast.success({ message: t('conflict.took'), undo: () => session.showText(mine, theirs) })
            editor.current?.focus()
          }}
          onKeepMine={publishing.keepMine}
          onMerged={(content) => {
            publishing.merge(content)
            editor.current?.focus()
          }}
          onClose={() => {
            publishing.close()
            editor.current?.focus()
          }}
        />
      ) : null}
    </div>
  )
}

/** The dialog before a namespace goes: what it holds keeps it; an empty one goes once its name was typed. */

import { Button, Skeleton, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NamespaceView } from '../../../src-main/contract/index.ts'
import { useNamespaceContents } from '../../api/namespaces.ts'
import { refusalOf } from '../../api/refusal.ts'
import { Callout } from '../../components/callout.tsx'
import { DialogForm } from '../../components/dialog-form.tsx'
import { formatNumber } from '../../components/format.ts'
import { RefusalCallout } from '../../components/refusal-callout.tsx'
import { useAttempts } from '../../components/use-attempts.ts'

export interface RemovalProps {
  readonly namespace: NamespaceView
  /** Rejects with a refusal. */
  readonly onRemove: () => Promise<void>
  readonly onClose: () => void
}

export function Removal({ namespace, onRemove, onClose }: RemovalProps) {
  const { t } = useTranslation('namespaces')
  const navigate = useNavigate()
  const contents = useNamespaceContents(namespace.id)
  const [typed, setTyped] = useState('')
  const attempts = useAttempts()
  const { name, id } = namespace
  const { data, error } = contents
  const isEmpty = data !== undefined && data.configs === 0 && data.services === 0
  const submit = async () => {
    if (await attempts.attempt(onRemove)) onClose()
    else void contents.refetch()
  }
  return (
    <DialogForm
      title={t('removal.title', { name })}
      words={isEmpty ? t('removal.empty') : undefined}
      action={isEmpty ? t('removal.action') : null}
      cancel={isEmpty || data === undefined ? undefined : t('removal.close')}
      danger
      disabled={typed.trim() !== name.trim()}
      failed={t('removal.failed')}
      attempts={attempts}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      {data === undefined && error === null ? <Skeleton height={48} aria-label={t('removal.looking')} /> : null}
      {error === null ? null : (
        <RefusalCallout
          title={t('removal.unknown')}
          refusal={refusalOf(error)}
          actions={
            <Button variant="default" onClick={() => void contents.refetch()}>
              {t('retry')}
            </Button>
          }
        />
      )}
      {data === undefined || isEmpty ? null : (
        <Callout
          tone="warn"
          title={t('removal.holds', {
            configs: t('removal.configs', { count: data.configs, shown: formatNumber(data.configs) }),
            services: t('removal.services', { count: data.services, shown: formatNumber(data.services) }),
          })}
          actions={
            data.configs === 0 ? undefined : (
              <Button variant="default" onClick={() => void navigate({ to: '/configs', search: { ns: id } })}>
                {t('openNamed', { name })}
              </Button>
            )
          }
        >
          {t('removal.holdsNext')}
        </Callout>
      )}
      {isEmpty ? (
        <TextInput
          data-autofocus
          label={t('removal.type', { name })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
      ) : null}
    </DialogForm>
  )
}

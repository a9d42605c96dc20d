/** The browser's door: asks for the single-use code and says how to get one. */

import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useConnection } from '../../api/provider.tsx'
import { FullPage } from '../full-page.tsx'
import { Logo } from '../logo.tsx'
import classes from './needs-code.module.css'

type Failure = 'refused' | 'failed' | null

export function NeedsCode({ reason }: { reason: 'absent' | 'refused' | 'expired' }) {
  const { t } = useTranslation('frame')
  const { submitCode } = useConnection()
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure>(reason === 'refused' ? 'refused' : null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    // People paste the whole address; only what stands behind the mark is the code.
    const outcome = await submitCode(code.trim().replace(/^.*#code=/, ''))
    setBusy(false)
    setFailure(outcome === 'accepted' ? null : outcome === 'unreachable' ? 'failed' : 'refused')
  }
  return (
    <FullPage
      mark={<Logo size={36} />}
      title={t('code.title')}
      body={
        <>
          <p className={classes.first}>{t('code.body')}</p>
          <ol className={classes.steps}>
            <li>{t('code.how1')}</li>
            <li>{t('code.how2')}</li>
          </ol>
          <p className={classes.quiet}>{t('code.how3')}</p>
          <form className={classes.form} onSubmit={(event) => void submit(event)}>
            <TextInput
              label={t('code.label')}
              size="sm"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              error={failure === null ? null : t(`code.${failure}`)}
              autoFocus
              autoComplete="one-time-code"
              spellCheck={false}
              classNames={{ input: 'mono' }}
            />
            <Button type="submit" size="sm" loading={busy} disabled={code.trim() === ''}>
              {t('code.open')}
            </Button>
          </form>
        </>
      }
    />
  )
}

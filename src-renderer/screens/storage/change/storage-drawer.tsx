/** The form that says where configurations are kept: SQLite, or a shared MySQL that is tested before any node is restarted for it. */

import { Button, Checkbox, Drawer, SegmentedControl } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../../src-main/contract/index.ts'
import { Callout } from '../../../components/callout.tsx'
import { addressesOf, emptyFields, type FieldName, faultsOf, mysqlUrlOf, readMysqlUrl } from '../../../components/mysql-url.ts'
import { MysqlFields } from './mysql-fields.tsx'
import classes from './storage-form.module.css'
import { verdict } from './test-state.ts'
import { TestSteps } from './test-steps.tsx'
import { useMysqlTest } from './use-mysql-test.ts'
import { type StorageChange, useStorageChange } from './use-storage-change.ts'

export interface StorageDrawerProps {
  readonly view: ClusterView
  readonly onClose: () => void
}

export function StorageDrawer({ view, onClose }: StorageDrawerProps) {
  const { t } = useTranslation('storage')
  const present = view.storage.setting.kind
  const [kind, setKind] = useState<'sqlite' | 'mysql'>(present === 'sqlite' && view.storage.refused === null ? 'mysql' : present)
  const change = useStorageChange(view)
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(840px, calc(100vw - 48px))"
      closeOnEscape={!change.asking}
      closeOnClickOutside={!change.asking}
      trapFocus={!change.asking}
      title={t('form.title')}
      closeButtonProps={{ 'aria-label': t('form.close') }}
      classNames={{ content: classes.content ?? '', title: classes.title ?? '' }}
      transitionProps={{ duration: 150 }}
    >
      <div className={classes.body}>
        <SegmentedControl
          fullWidth
          value={kind}
          onChange={(value) => setKind(value === 'mysql' ? 'mysql' : 'sqlite')}
          aria-label={t('form.kind')}
          data={[
            { value: 'sqlite', label: t('form.sqlite') },
            { value: 'mysql', label: t('form.mysql') },
          ]}
        />
        {kind === 'sqlite' ? <SqlitePart {...{ view, change, onClose }} /> : <MysqlPart {...{ view, change, onClose }} />}
      </div>
    </Drawer>
  )
}

interface PartProps extends StorageDrawerProps {
  readonly change: StorageChange
}

function SqlitePart({ view, change, onClose }: PartProps) {
  const { t } = useTranslation('storage')
  const isPresent = view.storage.setting.kind === 'sqlite'
  const submit = async () => {
    if (await change.change({ kind: 'sqlite' })) onClose()
  }
  return (
    <>
      <p className={classes.text}>{t('form.sqliteBody')}</p>
      {isPresent ? null : <p className={classes.text}>{t('form.sqliteFromMysql')}</p>}
      <div className={classes.foot}>
        <Failure change={change} />
        <div className={classes.buttons}>
          {isPresent ? <span className={classes.note}>{t('form.present')}</span> : null}
          <span className={classes.gap} />
          <Button disabled={isPresent} loading={change.changing} onClick={() => void submit()}>
            {t(view.health.kind === 'stopped' ? 'form.useStopped' : 'form.useSqlite')}
          </Button>
        </div>
      </div>
    </>
  )
}

/** What is entered, with the URL and the password that it comes to. */
function useMysqlEntry(view: ClusterView) {
  const { setting } = view.storage
  const [initial] = useState(() => (setting.kind === 'mysql' ? readMysqlUrl(setting.url) : null))
  const [fields, setFields] = useState(initial ?? emptyFields)
  const [password, setPassword] = useState('')
  const [keep, setKeep] = useState(setting.kind === 'mysql' ? setting.passwordKept : true)
  const url = mysqlUrlOf(fields)
  const passwordKnown = initial !== null && url === mysqlUrlOf(initial)
  return {
    ...{ fields, password, setPassword, keep, setKeep, url, passwordKnown },
    setField: (name: FieldName, value: string) => setFields((before) => ({ ...before, [name]: value })),
    addresses: addressesOf(fields),
    faults: faultsOf(fields),
    /** Null: the nodes use the one they know. */
    given: password === '' && passwordKnown ? null : password,
  }
}

const noFaults: ReadonlySet<FieldName> = new Set()

function MysqlPart({ view, change, onClose }: PartProps) {
  const { t } = useTranslation('storage')
  const entry = useMysqlEntry(view)
  const test = useMysqlTest()
  const [tried, setTried] = useState(false)
  const [adopt, setAdopt] = useState(false)
  const { url, given, addresses, faults } = entry
  const found = test.state.kind === 'ended' ? verdict(test.state.addresses) : null
  const isOfThis = test.order?.url === url && test.order.password === given
  const usable = isOfThis && found !== null && found !== 'failed' && (found !== 'foreign' || adopt)
  const running = test.state.kind === 'running'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    setAdopt(false)
    if (faults.size === 0) void test.run({ url, password: given, addresses })
  }
  const use = async () => {
    const takesOver = found === 'foreign'
    if (await change.change({ kind: 'mysql', url, password: given, keepPassword: entry.keep, adopt: takesOver })) onClose()
  }
  return (
    <>
      <p className={classes.text}>{t('form.mysqlBody')}</p>
      <div className={classes.sides}>
        <form className={classes.fields} onSubmit={submit} noValidate>
          <MysqlFields
            {...{ fields: entry.fields, onField: entry.setField, faults: tried ? faults : noFaults, password: entry.password }}
            {...{ onPassword: entry.setPassword, passwordKnown: entry.passwordKnown, keep: entry.keep, onKeep: entry.setKeep }}
          />
          <div className={classes.buttons}>
            <Button type="submit" variant="default" disabled={running}>
              {t(running ? 'form.testing' : test.state.kind === 'idle' ? 'form.test' : 'form.again')}
            </Button>
            {running ? (
              <Button variant="subtle" onClick={test.stop}>
                {t('form.cancel')}
              </Button>
            ) : null}
          </div>
        </form>
        <TestSteps state={test.state} addresses={addresses} place={{ addresses, user: entry.fields.user, database: entry.fields.database }} />
      </div>
      <div className={classes.foot}>
        {found === 'foreign' && isOfThis ? (
          <Checkbox
            size="xs"
            label={t('form.adopt')}
            description={t('form.adoptHint')}
            checked={adopt}
            onChange={(event) => setAdopt(event.currentTarget.checked)}
          />
        ) : null}
        <Failure change={change} />
        <div className={classes.buttons}>
          <span className={classes.note}>{found === null || isOfThis ? '' : t('form.changed')}</span>
          <span className={classes.gap} />
          <Button
            disabled={!usable}
            loading={change.changing}
            className={found === 'foreign' ? (classes.danger ?? '') : ''}
            onClick={() => void use()}
          >
            {t(view.health.kind === 'stopped' ? 'form.useStopped' : found === 'foreign' ? 'form.takeOver' : 'form.useMysql')}
          </Button>
        </div>
      </div>
    </>
  )
}

function Failure({ change }: { change: StorageChange }) {
  const { t } = useTranslation('storage')
  const frame = useTranslation('frame').t
  if (change.refusal === null) return null
  const { code, detail } = change.refusal
  return (
    <Callout tone="bad" title={t('form.failed')} detail={`${t('details', { code })}: ${detail}`}>
      {frame(`refusal.${code}`)}
    </Callout>
  )
}

/** The steps of a connection test, as they come: a mark and a word for each state, what was found, what to do, how long it took. */

import type { TFunction } from 'i18next'
import { Check, Circle, CircleAlert, LoaderCircle, Minus, TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { MysqlTestStep } from '../../../../src-main/contract/index.ts'
import { formatMs } from '../../../components/format.ts'
import type { PlaceFacts } from '../../../components/store-words.ts'
import { productName, troubleWords } from '../../../components/store-words.ts'
import { failedStep, runningStep, type ShownAddress, type ShownStep, type TestState, toCome, verdict } from './test-state.ts'
import classes from './test-steps.module.css'

type Words = TFunction<'storage'>

const icons = { pending: Circle, running: LoaderCircle, passed: Check, warned: TriangleAlert, failed: CircleAlert, skipped: Minus } as const

/** What holds, in a few words. */
function factOf(t: Words, { step, parameters }: MysqlTestStep): string {
  const { address = '', host = '', port = '', user = '', database = '', name = '', version = '', configs = '' } = parameters
  if (step === 'tables') return parameters.found === 'none' ? t('steps.fact.tablesNone') : t('steps.fact.tables', { configs })
  return t(`steps.fact.${step}`, { address, host, port, user, database, name: productName(name), version: version.replace(/[^\d.].*$/, '') })
}

export interface TestStepsProps {
  readonly state: TestState
  /** What the form names now: before a test they are shown as to come. */
  readonly addresses: readonly string[]
  readonly place: PlaceFacts
}

export function TestSteps({ state, addresses: named, place }: TestStepsProps) {
  const { t } = useTranslation('storage')
  const addresses = 'addresses' in state ? state.addresses : toCome(named)
  return (
    <div className={classes.group}>
      {addresses.map((each) => (
        <AddressSteps key={each.address} {...{ ...each, place }} named={addresses.length > 1} />
      ))}
      <output className={classes.verdict} data-verdict={verdictOf(state)}>
        {summary(t, state)}
      </output>
    </div>
  )
}

const verdictOf = (state: TestState): string => {
  if (state.kind === 'ended') return verdict(state.addresses)
  return state.kind === 'idle' || state.kind === 'running' ? 'none' : 'failed'
}

function summary(t: Words, state: TestState): string {
  switch (state.kind) {
    case 'idle':
      return t('form.testFirst')
    case 'running': {
      const now = runningStep(state.addresses)
      return now === null ? t('form.testing') : t('steps.running', { n: now.n, of: now.of, step: t(`steps.${now.step}`) })
    }
    case 'unreadable':
      return t('steps.unreadable')
    case 'broken':
      return t('steps.broken', { reason: state.reason })
    case 'lost':
      return t('steps.lost')
    case 'ended':
      return ended(t, state.addresses)
  }
}

function ended(t: Words, addresses: readonly ShownAddress[]): string {
  const found = verdict(addresses)
  const failed = failedStep(addresses)
  if (found === 'foreign') return t('steps.foreign')
  if (found === 'failed') return t('steps.failedAt', { step: failed === null ? '' : t(`steps.${failed}`) })
  return failed === null ? t(`steps.${found}`) : t('steps.onePasses')
}

function AddressSteps({ address, steps, place, named }: ShownAddress & { place: PlaceFacts; named: boolean }) {
  const { t } = useTranslation('storage')
  return (
    <>
      {named ? <div className={classes.address}>{address}</div> : null}
      <ol className={classes.steps} aria-label={t('steps.label', { address })}>
        {steps.map((step) => (
          <Step key={step.step} shown={step} place={{ ...place, addresses: [address] }} />
        ))}
      </ol>
    </>
  )
}

function Step({ shown, place }: { shown: ShownStep; place: PlaceFacts }) {
  const { t } = useTranslation('storage')
  const Icon = icons[shown.state]
  const found = 'found' in shown ? shown.found : null
  return (
    <li className={classes.step} data-state={shown.state} data-step={shown.step}>
      <Icon size={14} className={classes.icon} aria-hidden="true" />
      <span className={classes.name}>{t(`steps.${shown.step}`)}</span>
      <span className={classes.words}>
        <span className="sr-only">{`${t(`steps.state.${shown.state}`)}. `}</span>
        {found === null || shown.state === 'skipped' ? null : shown.state === 'passed' ? factOf(t, found) : <Problem found={found} place={place} />}
      </span>
      <span className={classes.took}>{found?.tookMs == null || shown.state === 'skipped' ? '' : formatMs(found.tookMs)}</span>
    </li>
  )
}

function Problem({ found, place }: { found: MysqlTestStep; place: PlaceFacts }) {
  const { t } = useTranslation('storage')
  const { cause, next } = troubleWords(t, { code: found.code, facts: found.parameters }, place)
  const { detail } = found.parameters
  return (
    <>
      <span className={classes.cause}>{cause}</span> {next}
      <span className={classes.detail} style={{ display: 'block' }}>
        {t('details', { code: found.code })}
        {detail === undefined ? null : ` · ${detail}`}
      </span>
    </>
  )
}

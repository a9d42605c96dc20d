/** The storage screen over the contract's fake: what is true of the database, the form with its test, and what may be asked of a node. */

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { ClusterView, MysqlTestStep, MysqlTestStepName, NodeData, StoreReport } from '../../../src-main/contract/index.ts'
import { type FakeBackendOptions, fakeNode, fakeView, refusal } from '../../api/fake-backend.testing.ts'
import { inEmptyBrowser, inputsOf, longMs, openConsole } from '../../components/screen.testing.tsx'
import { stepNames } from './change/test-state.ts'

inEmptyBrowser()

const setting = { kind: 'mysql', url: 'mysql://trio@db:3306/nacos', passwordKept: true, origin: 'kept', commandLine: false } as const
const available: StoreReport = {
  storedIndex: 120,
  queueLength: 0,
  health: 'available',
  sinceMs: 500,
  trouble: null,
  refusedRows: { count: 0, newest: [] },
}
const withStore = (store: StoreReport, storage: Partial<ClusterView['storage']> = {}): ClusterView => {
  const leader = fakeNode(1)
  const report = leader.report === null ? null : { ...leader.report, store }
  return fakeView({ nodes: [{ ...leader, report }, fakeNode(2), fakeNode(3)], storage: { setting, refused: null, ...storage } })
}
const open = (options: FakeBackendOptions, { hash = '#/storage', language = 'en' as 'en' | 'zh-CN' } = {}) => openConsole(hash, options, language)
const heading = (name: RegExp) => screen.findByRole('heading', { level: 1, name }, longMs)
const button = (name: string | RegExp) => screen.findByRole('button', { name }, longMs)

const step = (name: MysqlTestStepName, outcome: MysqlTestStep['outcome'], more: Partial<MysqlTestStep> = {}): MysqlTestStep => ({
  ...{ step: name, outcome, code: outcome === 'skipped' ? 'skipped' : 'ok', next: 'none', parameters: {}, tookMs: outcome === 'skipped' ? null : 3 },
  ...more,
})
/** All steps before `name` passed, those after it were not reached. */
const failing = (name: MysqlTestStepName, more: Partial<MysqlTestStep>): MysqlTestStep[] => {
  const at = stepNames.indexOf(name)
  return stepNames.map((each, index) => (index === at ? step(each, 'failed', more) : step(each, index < at ? 'passed' : 'skipped')))
}
const ended = (steps: MysqlTestStep[]) => [
  { kind: 'ended' as const, answer: { kind: 'tested' as const, addresses: [{ address: 'db:3306', steps }] } },
]

test('SQLite: where everything is, and the way to MySQL', async () => {
  open({})
  await heading(/kept in SQLite, on every node/)
  fireEvent.click(await button('Use a MySQL'))
  expect(await screen.findByRole('dialog', { name: 'Where configurations are kept' }, longMs)).toBeTruthy()
})

test('MySQL that is away: since when, why, what to do, what goes on; in Chinese too', async () => {
  const trouble = { code: 'access-denied', words: 'w', facts: { user: 'trio', detail: 'Access denied for user' } }
  open({ view: withStore({ ...available, health: 'away', storedIndex: 100, trouble }) }, { language: 'zh-CN' })
  await heading(/MySQL 不可用：配置写入被拒绝/)
  const alert = await screen.findByRole('alert', {}, longMs)
  expect(alert.textContent).toContain('不允许 trio 登录')
  expect(alert.textContent).toContain('请更正用户或密码')
  expect(alert.textContent).toContain('Access denied for user')
  expect(screen.getByText(/落后 20 条/)).toBeTruthy()
  expect(screen.getByText(/读取、监听、服务注册和选举/)).toBeTruthy()
})

test('a database of another cluster, after the nodes ended for it', async () => {
  const refused = { code: 'foreign', words: 'w', facts: { clusterId: 'c-9' }, atMs: 900 }
  open({ view: withStore(available, { refused }) })
  await heading(/nothing was written to it/)
  expect((await screen.findByRole('alert', {}, longMs)).textContent).toContain('another cluster (c-9)')
})

test('rows that MySQL does not take: configuration, column and cause', async () => {
  const row = { table: 'config_info', column: 'content', rowId: 4, namespace: 'team', group: 'G', dataId: 'emoji.txt' }
  const newest = [{ ...row, sqlState: '22007', message: 'Incorrect string value' }]
  open({ view: withStore({ ...available, refusedRows: { count: 1, newest } }) })
  await heading(/MySQL takes writes, but lacks one row/)
  const shown = (await screen.findByRole('link', { name: 'emoji.txt' }, longMs)).closest('tr')
  expect(shown?.textContent).toContain('config_info.content')
  expect(shown?.textContent).toContain('a character that the column’s character set lacks')
  expect(shown?.textContent).toContain('team · G')
})

const fill = async (values: Readonly<Record<string, string>>) => {
  const dialog = await screen.findByRole('dialog', { name: 'Where configurations are kept' }, longMs)
  for (const [label, value] of Object.entries(values)) fireEvent.change(within(dialog).getByLabelText(label), { target: { value } })
  return within(dialog)
}
const change = '#/storage?change=true'

test('a wrong password: the step, the cause, the next step, and no way to use it', async () => {
  const parameters = { user: 'trio', detail: 'Access denied' }
  const backend = open(
    { testUpdates: ended(failing('login', { code: 'access-denied', next: 'correct-user-or-password', parameters })) },
    { hash: change },
  )
  const dialog = await fill({ Host: 'db', User: 'trio', Password: 'geheim' })
  fireEvent.click(dialog.getByRole('button', { name: 'Test connection' }))
  expect(await dialog.findByText('It does not work yet: Login.', {}, longMs)).toBeTruthy()
  const steps = dialog.getAllByRole('listitem')
  expect(steps.map((each) => each.getAttribute('data-state')).join(' ')).toBe('passed passed failed skipped skipped skipped skipped skipped skipped')
  expect(steps[2]?.textContent).toContain('the user or the password is wrong')
  expect(steps[2]?.textContent).toContain('3.0 ms')
  expect(dialog.getByRole('button', { name: 'Restart with MySQL' }).hasAttribute('disabled')).toBe(true)
  expect(inputsOf(backend, 'storage.testMysql')).toEqual([{ url: 'mysql://trio@db:3306/nacos', password: 'geheim' }])
})

test('a good database is used after a confirm that names the effect; a change after the test wants another test', async () => {
  const backend = open({ testUpdates: ended(stepNames.map((each) => step(each, 'passed'))) }, { hash: change })
  const dialog = await fill({ Host: 'db', User: 'trio', Password: 'geheim' })
  fireEvent.click(dialog.getByRole('button', { name: 'Test connection' }))
  expect(await dialog.findByText('This database can be used.', {}, longMs)).toBeTruthy()
  const use = () => dialog.getByRole('button', { name: 'Restart with MySQL' })
  await fill({ Database: 'other' })
  expect(use().hasAttribute('disabled')).toBe(true)
  await fill({ Database: 'nacos' })
  fireEvent.click(use())
  const confirm = within(await screen.findByRole('dialog', { name: 'Restart with MySQL?' }, longMs))
  expect(confirm.getByText(/All 3 nodes stop cleanly/)).toBeTruthy()
  fireEvent.click(confirm.getByRole('button', { name: 'Restart with MySQL' }))
  const wish = { kind: 'mysql', url: 'mysql://trio@db:3306/nacos', password: 'geheim', keepPassword: true, adopt: false }
  await waitFor(() => expect(inputsOf(backend, 'storage.choose')).toEqual([wish]), longMs)
})

test('a database of another cluster is used only by who says that it is to be taken over', async () => {
  const backend = open({ testUpdates: ended(failing('tables', { code: 'foreign', parameters: { clusterId: 'c-9' } })) }, { hash: change })
  const dialog = await fill({ Host: 'db', User: 'trio' })
  fireEvent.click(dialog.getByRole('button', { name: 'Test connection' }))
  const takeOver = await dialog.findByRole('button', { name: 'Take over and restart' }, longMs)
  expect(takeOver.hasAttribute('disabled')).toBe(true)
  fireEvent.click(dialog.getByLabelText('Take this database over'))
  fireEvent.click(takeOver)
  const confirm = within(await screen.findByRole('dialog', { name: 'Restart with MySQL?' }, longMs))
  backend.refuseNext('storage.choose', refusal('storage_unavailable', { detail: 'db:3306: login: access-denied' }))
  fireEvent.click(confirm.getByRole('button', { name: 'Take over and restart' }))
  expect(await dialog.findByText(/db:3306: login: access-denied/, {}, longMs)).toBeTruthy()
  expect(inputsOf(backend, 'storage.choose')).toMatchObject([{ adopt: true }])
})

test('a field that is empty is named, and nothing is tested', async () => {
  const backend = open({}, { hash: change })
  const dialog = await fill({ Host: '', Port: 'x' })
  fireEvent.click(dialog.getByRole('button', { name: 'Test connection' }))
  expect(await dialog.findByText('1 to 65535', {}, longMs)).toBeTruthy()
  expect(dialog.getByText('Who logs in')).toBeTruthy()
  expect(inputsOf(backend, 'storage.testMysql')).toEqual([])
})

test('the password that is known need not be typed again, for the same database', async () => {
  const backend = open({ view: withStore(available), testUpdates: ended(stepNames.map((each) => step(each, 'passed'))) }, { hash: change })
  const dialog = await fill({})
  fireEvent.click(dialog.getByRole('button', { name: 'Test connection' }))
  await dialog.findByText('This database can be used.', {}, longMs)
  await fill({ Host: 'elsewhere' })
  fireEvent.click(dialog.getByRole('button', { name: 'Test again' }))
  await waitFor(() => expect(inputsOf(backend, 'storage.testMysql')).toHaveLength(2), longMs)
  expect(inputsOf(backend, 'storage.testMysql')).toEqual([
    { url: 'mysql://trio@db:3306/nacos', password: null },
    { url: 'mysql://trio@elsewhere:3306/nacos', password: '' },
  ])
})

const none = { count: 0, first: [] }
const nodes: NodeData[] = [
  {
    ...{ answered: true, id: 1, retention: 'suspended' },
    cache: {
      ...{ state: 'behind', folder: '/data/node-1/data', configs: 1_234, dirty: 7, problem: null, running: null },
      last: {
        ...{ reason: 'request', startedMs: 900, tookMs: 42, checked: 1_234, written: 2, removed: 0, leftovers: 0, problem: null },
        ...{
          missing: { count: 1, first: ['public/G/gone.yaml'] },
          different: { count: 1, first: ['public/G/changed.yaml'] },
          extra: none,
          failed: none,
        },
      },
    },
  },
  { answered: false, id: 2, detail: 'no answer within 2000 ms' },
]

test('the files of each node: how far, what differed, and silence is not drawn as good', async () => {
  open({ nodes })
  const first = (await screen.findByText('1 missing, 1 different', {}, longMs)).closest('tr')
  expect(first?.textContent).toContain('7 to be written')
  expect(first?.textContent).toContain('public/G/gone.yaml')
  expect(screen.getByText('does not answer')).toBeTruthy()
  expect(screen.getByText(/Nothing is removed for now: the wall clock of node-1/)).toBeTruthy()
})

test('comparing files, a check and a backup are asked of the node that was pressed', async () => {
  const backend = open({ nodes })
  fireEvent.click(await button('Compare all files'))
  await waitFor(() => expect(inputsOf(backend, 'storage.dumpFiles')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]), longMs)
  fireEvent.click(await button('Check the data: node-2'))
  expect(await screen.findByText('node-2 is sound', {}, longMs)).toBeTruthy()
  fireEvent.click(await button('Back up…: node-3'))
  const form = within(await screen.findByRole('dialog', { name: 'Back up node-3' }, longMs))
  fireEvent.change(form.getByLabelText('Folder'), { target: { value: 'here' } })
  fireEvent.click(form.getByRole('button', { name: 'Back up' }))
  expect(await form.findByText('Name the folder from the root on', {}, longMs)).toBeTruthy()
  fireEvent.change(form.getByLabelText('Folder'), { target: { value: '/backups' } })
  fireEvent.click(form.getByRole('button', { name: 'Back up' }))
  expect(await screen.findByText('node-3 is copied', {}, longMs)).toBeTruthy()
  expect(inputsOf(backend, 'storage.backupNode')).toEqual([{ id: 3, folder: '/backups' }])
})

/** The move over the contract's fake: looked at, carried out, given up, compared. */

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { MovePlan, MoveState } from '../../../../src-main/contract/index.ts'
import { type FakeBackendOptions, fakeView, refusal } from '../../../api/fake-backend.testing.ts'
import { fakeMovePlan } from '../../../api/fake-move-plan.testing.ts'
import { inEmptyBrowser, inputsOf, longMs, openConsole } from '../../../components/screen.testing.tsx'

inEmptyBrowser()

const inMysql = fakeView({
  storage: { setting: { kind: 'mysql', url: 'mysql://trio@db:3306/nacos', passwordKept: true, origin: 'kept', commandLine: false }, refused: null },
})
const open = (options: FakeBackendOptions, language: 'en' | 'zh-CN' = 'en') => openConsole('#/storage?move=true', options, language)
const dialog = async (name: string | RegExp) => within(await screen.findByRole('dialog', { name }, longMs))
const press = (within: Awaited<ReturnType<typeof dialog>>, name: string) => fireEvent.click(within.getByRole('button', { name }))
const isDisabled = (within: Awaited<ReturnType<typeof dialog>>, name: string) => within.getByRole('button', { name }).hasAttribute('disabled')

const planOf = (to: MovePlan['to'], look: Partial<MovePlan['look']>, change: Partial<MovePlan> = {}): MovePlan => {
  const none = fakeMovePlan(to)
  return { ...none, ...change, look: { ...none.look, ...look } }
}
const key = (dataId: string) => ({ namespace: '', group: 'G', dataId })
const place = { to: 'mysql', url: 'mysql://trio@db:3306/nacos', password: 'geheim', keepPassword: true }

const fill = async () => {
  const form = await dialog('Move everything into a MySQL')
  for (const [label, value] of Object.entries({ Host: 'db', User: 'trio', Password: 'geheim' }))
    fireEvent.change(form.getByLabelText(label), { target: { value } })
  return form
}

test('into MySQL: looked at first, told in numbers, moved after a confirm, compared in the end', async () => {
  const plan = planOf(
    'mysql',
    { hasTables: false, oursAlone: 1_200, ours: { configs: 1_200, bytes: 4_096, hash: 'ab' } },
    { rows: 2_400, aboutMs: 4_000 },
  )
  const backend = open({ move: { plan } })
  const form = await fill()
  expect(isDisabled(form, 'Move into MySQL')).toBe(true)
  press(form, 'Look first')
  expect(await form.findByText(/2 400 rows would be written/, {}, longMs)).toBeTruthy()
  expect(form.getByText(/tables are not there yet/)).toBeTruthy()
  expect(within(form.getByRole('table')).getByText('1 200')).toBeTruthy()
  press(form, 'Move into MySQL')
  const confirm = await dialog('Move everything into MySQL?')
  expect(confirm.getByText(/Configuration writes are refused/)).toBeTruthy()
  press(confirm, 'Move into MySQL')
  expect(await form.findByText('Everything is in MySQL', {}, longMs)).toBeTruthy()
  expect(form.getByText('1 200 configurations, namespaces, users or the like are not alike')).toBeTruthy()
  expect(inputsOf(backend, 'storageMove.plan')).toEqual([place])
  expect(inputsOf(backend, 'storageMove.run')).toEqual([place])
})

test('what forbids it is said with what to do, and nothing can be moved', async () => {
  const excesses = [{ ...key('long-name'), column: 'data_id', limit: 255, unit: 'characters' as const, charset: 'utf8' }]
  const obstacles = [
    { code: 'not-empty' as const, count: 3 },
    { code: 'too-big' as const, count: 1 },
  ]
  open({ move: { plan: planOf('mysql', { tooBig: 1, excesses }, { obstacles }) } })
  const form = await fill()
  press(form, 'Look first')
  expect(await form.findByText('The database holds rows of others', {}, longMs)).toBeTruthy()
  expect(form.getByText('One configuration does not fit into the database')).toBeTruthy()
  expect(form.getByText('long-name').closest('li')?.textContent).toContain('data_id holds 255 characters')
  expect(isDisabled(form, 'Move into MySQL')).toBe(true)
})

test('another place after a look wants another look', async () => {
  open({})
  const form = await fill()
  press(form, 'Look first')
  await form.findByText(/would be written/, {}, longMs)
  expect(isDisabled(form, 'Move into MySQL')).toBe(false)
  fireEvent.change(form.getByLabelText('Database'), { target: { value: 'other' } })
  expect(isDisabled(form, 'Move into MySQL')).toBe(true)
  expect(form.getByText(/was changed since the look/)).toBeTruthy()
})

test('a field that is empty is named, and nothing is looked at', async () => {
  const backend = open({})
  const form = await dialog('Move everything into a MySQL')
  press(form, 'Look first')
  expect(await form.findByText('Who logs in', {}, longMs)).toBeTruthy()
  expect(inputsOf(backend, 'storageMove.plan')).toEqual([])
})

test('a database of others: the policy is part of what was looked at, and what becomes of their rows is said', async () => {
  const merge = { policy: 'overwrite' as const, taken: 3, kept: 0, replaced: 1 }
  const backend = open({ move: { plan: planOf('mysql', {}, { merge }) } })
  const form = await fill()
  fireEvent.change(form.getByLabelText('If the database holds rows of others'), { target: { value: 'overwrite' } })
  press(form, 'Look first')
  expect(await form.findByText(/3 configurations of others become the cluster’s. One of the database is replaced/, {}, longMs)).toBeTruthy()
  expect(inputsOf(backend, 'storageMove.plan')).toMatchObject([{ to: 'mysql', policy: 'overwrite' }])
  fireEvent.change(form.getByLabelText('If the database holds rows of others'), { target: { value: 'none' } })
  expect(isDisabled(form, 'Move into MySQL')).toBe(true)
})

test('what would become of each kind is told before the move, what has become of it after', async () => {
  const counts: MovePlan['counts'] = [
    { area: 'configs', moved: 120, taken: 3, skipped: 2, overwritten: 0 },
    { area: 'namespaces', moved: 0, taken: 0, skipped: 0, overwritten: 0 },
    { area: 'users', moved: 1, taken: 0, skipped: 0, overwritten: 1 },
  ]
  open({ move: { plan: planOf('mysql', {}, { counts }), counts: counts.slice(0, 1) } })
  const form = await fill()
  press(form, 'Look first')
  const rowsOf = async (title: string) =>
    within(await form.findByRole('region', { name: title }, longMs))
      .getAllByRole('row')
      .slice(1)
      .map((row) => [...row.children].map((cell) => cell.textContent).join(' | '))
  expect(await rowsOf('What would become of it')).toEqual(['Configurations | 120 | 3 | 2 | 0', 'Users | 1 | 0 | 0 | 1'])
  expect(form.getByText(/Users and roles that both have stay the nodes’ under every policy/)).toBeTruthy()
  press(form, 'Move into MySQL')
  press(await dialog('Move everything into MySQL?'), 'Move into MySQL')
  expect(await rowsOf('What became of it')).toEqual(['Configurations | 120 | 3 | 2 | 0'])
})

test('a look that fails says why', async () => {
  const backend = open({})
  const form = await fill()
  backend.refuseNext('storageMove.plan', refusal('storage_unavailable', { detail: 'Access denied for trio' }))
  press(form, 'Look first')
  expect((await form.findByRole('alert', {}, longMs)).textContent).toContain('Access denied for trio')
  expect(isDisabled(form, 'Move into MySQL')).toBe(true)
})

test('a move that was given up says that all is as before, and why', async () => {
  open({ move: { why: 'aborted, as asked; the cluster goes on as before' } })
  const form = await fill()
  press(form, 'Look first')
  await form.findByText(/would be written/, {}, longMs)
  press(form, 'Move into MySQL')
  press(await dialog('Move everything into MySQL?'), 'Move into MySQL')
  expect((await form.findByRole('alert', {}, longMs)).textContent).toContain('the cluster works as before')
  expect(form.getByText(/aborted, as asked/)).toBeTruthy()
})

test('out of MySQL: what differs is left behind only by who says so', async () => {
  const differences = [{ ...key('theirs'), heldBy: 'theirs' as const, fields: [] }]
  const plan = planOf('sqlite', { theirsAlone: 1, differences }, { obstacles: [{ code: 'unlike', count: 1 }] })
  const backend = open({ view: inMysql, move: { plan } })
  const form = await dialog('Move everything back to SQLite')
  press(form, 'Look first')
  expect(await form.findByText('One configuration, namespace, user or the like is not alike on both sides', {}, longMs)).toBeTruthy()
  expect(isDisabled(form, 'Move to SQLite')).toBe(true)
  fireEvent.click(form.getByLabelText('Move all the same'))
  press(form, 'Move to SQLite')
  press(await dialog('Move everything to SQLite?'), 'Move to SQLite')
  await waitFor(() => expect(inputsOf(backend, 'storageMove.run')).toEqual([{ to: 'sqlite', leave: true }]), longMs)
})

const filling: MoveState = { kind: 'running', to: 'mysql', phase: 'filling', done: 500, total: 1_000, trouble: 'no-answer', tookMs: 3_000 }

test('a move under way shows its steps to whoever looks, and can be given up; in Chinese too', async () => {
  const backend = open({ move: { states: [filling] } }, 'zh-CN')
  const form = await dialog('将全部数据迁移到 MySQL')
  const steps = (await form.findAllByRole('listitem', {}, longMs)).map((each) => each.getAttribute('data-state'))
  expect(steps).toEqual(['done', 'done', 'running', 'to-come'])
  expect(form.getByText('第 500 条，共 1 000 条')).toBeTruthy()
  expect(form.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
  expect(form.getByText(/no-answer/)).toBeTruthy()
  press(form, '放弃并恢复')
  await waitFor(() => expect(inputsOf(backend, 'storageMove.abort')).toHaveLength(1), longMs)
  await waitFor(() => expect(isDisabled(form, '正在恢复…')).toBe(true), longMs)
})

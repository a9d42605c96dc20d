/** The dialog of named snapshots over the contract's fake: nothing is restored before somebody agreed to what it says, and a restore is undone. */

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { fakeSnapshot, refusal } from '../../../api/fake-backend.testing.ts'
import { drawPart, type FakeBackend, inEmptyBrowser, longMs } from '../../../components/screen.testing.tsx'
import { SnapshotsDialog } from './snapshots-dialog.tsx'

let changes = 0
inEmptyBrowser()
beforeEach(() => {
  changes = 0
})

const open = (snapshots = [fakeSnapshot('monday')], language: 'en' | 'zh-CN' = 'en') =>
  drawPart(<SnapshotsDialog onClose={() => undefined} onChanged={() => changes++} />, { snapshots }, language)
const press = async (name: string | RegExp) => fireEvent.click(await screen.findByRole('button', { name }, longMs))
const agree = async (title: string, action: string) => {
  const dialog = await screen.findByRole('dialog', { name: title }, longMs)
  fireEvent.click(within(dialog).getByRole('button', { name: action }))
}
const orders = (backend: FakeBackend) => backend.calls.filter(({ path }) => path.startsWith('snapshots.') && path !== 'snapshots.list')

test('a restore says what it takes back by now, is done when somebody agreed, and is undone', async () => {
  const monday = fakeSnapshot('monday')
  const backend = open([monday])
  expect(await screen.findByText(/· 7 changes since/, {}, longMs)).toBeTruthy()
  Object.assign(monday, { changesSince: 12 })
  await press('Restore monday')
  const dialog = await screen.findByRole('dialog', { name: 'Go back to monday?' }, longMs)
  expect(within(dialog).getByText(/12 changes since are taken back, those of others too/)).toBeTruthy()
  expect(orders(backend)).toEqual([])
  await agree('Go back to monday?', 'Restore the cluster')
  expect(await screen.findByText('2 replaced, 1 brought back, 3 removed · besides them 4 records brought back, 1 removed', {}, longMs)).toBeTruthy()
  await press('Undo the restore')
  await waitFor(() => expect(orders(backend).map(({ path }) => path)).toEqual(['snapshots.restore', 'snapshots.undo']), longMs)
  await waitFor(() => expect(changes).toBe(2), longMs)
})

test('users and roles come back only if that was ticked, and what that means is said before', async () => {
  const backend = open()
  fireEvent.click(await screen.findByRole('checkbox', { name: 'Users, roles and permissions too' }, longMs))
  await press('Restore monday')
  const dialog = await screen.findByRole('dialog', { name: 'Go back to monday?' }, longMs)
  expect(within(dialog).getByText(/Passwords are those of then, except those of administrators/)).toBeTruthy()
  await agree('Go back to monday?', 'Restore the cluster')
  await waitFor(() => expect(orders(backend)).toEqual([{ path: 'snapshots.restore', input: { name: 'monday', accounts: true } }]), longMs)
})

test('takes one under a name that can be one and is free', async () => {
  const backend = open()
  const field = await screen.findByRole('textbox', { name: 'Name of a new snapshot' }, longMs)
  const taken = (value: string) => {
    fireEvent.change(field, { target: { value } })
    return (screen.getByRole('button', { name: 'Take snapshot' }) as HTMLButtonElement).disabled
  }
  await screen.findByText('monday', {}, longMs)
  expect([taken(''), taken('../x'), taken('monday'), taken('周二')]).toEqual([true, true, true, false])
  await press('Take snapshot')
  await waitFor(() => expect(orders(backend)).toEqual([{ path: 'snapshots.take', input: { name: '周二' } }]), longMs)
  expect(await screen.findByText('周二', {}, longMs)).toBeTruthy()
})

test('deletes one once somebody agreed', async () => {
  const backend = open()
  await press('Delete monday')
  await agree('Delete the snapshot monday?', 'Delete snapshot')
  await waitFor(() => expect(orders(backend)).toEqual([{ path: 'snapshots.remove', input: { name: 'monday' } }]), longMs)
  expect(await screen.findByText('There is no snapshot yet.', {}, longMs)).toBeTruthy()
})

test('a refusal stands in the dialog, in words', async () => {
  const backend = open()
  backend.refuseNext('snapshots.take', refusal('no_quorum', { detail: 'nobody leads' }))
  fireEvent.change(await screen.findByRole('textbox', { name: 'Name of a new snapshot' }, longMs), { target: { value: 'tuesday' } })
  await press('Take snapshot')
  expect((await screen.findByRole('alert', {}, longMs)).textContent).toContain('nobody leads')
})

test('what cannot be restored any more says so and offers nothing, in Chinese too', async () => {
  open([fakeSnapshot('monday', { usable: false })], 'zh-CN')
  expect(await screen.findByText('此后从数据库接管过配置，已无法恢复到该快照。', {}, longMs)).toBeTruthy()
  expect(((await screen.findByRole('button', { name: '恢复到 monday' })) as HTMLButtonElement).disabled).toBe(true)
})

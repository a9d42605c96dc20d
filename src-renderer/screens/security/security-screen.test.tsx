/** The Security screen over the contract's fake: the switch and what it needs, users, roles and permissions, and what can be taken back. */

import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { administratorRole } from '../../../src-main/contract/index.ts'
import { type FakeBackendOptions, fakeView, refusal } from '../../api/fake-backend.testing.ts'
import { inEmptyBrowser, inputsOf, longMs, openConsole } from '../../components/screen.testing.tsx'

inEmptyBrowser()

const off = fakeView({ authOn: false })
const users = { nacos: [administratorRole], ann: ['dev'], bob: [] }
const permissions = [{ role: 'dev', resource: 'dev:*:*', action: 'rw' as const }]
const open = (options: FakeBackendOptions, language: 'en' | 'zh-CN' = 'en') => openConsole('#/security', options, language)
const press = async (name: string | RegExp) => fireEvent.click(await screen.findByRole('button', { name }, longMs))
const dialog = async (name: string) => within(await screen.findByRole('dialog', { name }, longMs))
const type = (form: Awaited<ReturnType<typeof dialog>>, label: string, value: string) =>
  fireEvent.change(form.getByLabelText(label, { selector: 'input' }), { target: { value } })

test('the badge is there while nobody is asked, on every screen, and goes', async () => {
  const backend = openConsole('#/logs', { view: off })
  const badge = await screen.findByRole('link', { name: 'Auth is off' }, longMs)
  expect(badge.getAttribute('href')).toBe('/#/security')
  act(() => backend.pushView(fakeView({ authOn: true })))
  await waitFor(() => expect(screen.queryByRole('link', { name: 'Auth is off' })).toBeNull(), longMs)
})

test('without an administrator turning it on begins with making one, whose password is shown once', async () => {
  const backend = open({ view: off })
  await screen.findByText('There is no administrator yet', {}, longMs)
  await press('Turn auth on')
  const form = await dialog('Make the administrator')
  fireEvent.click(form.getByRole('button', { name: 'Make the administrator' }))
  const made = await dialog('The administrator is made')
  expect(made.getByText('made-up-by-the-node')).toBeTruthy()
  fireEvent.click(made.getByRole('button', { name: 'Turn auth on' }))
  fireEvent.click((await dialog('Turn auth on?')).getByRole('button', { name: 'Turn auth on' }))
  await waitFor(() => expect(inputsOf(backend, 'accounts.askCallers')).toEqual([{ on: true }]), longMs)
  expect(inputsOf(backend, 'accounts.makeAdministrator')).toEqual([{ password: null }])
})

test('turned off after a question, and on again by one press', async () => {
  const backend = open({ accounts: { users } })
  await press('Turn auth off')
  const question = await dialog('Turn auth off?')
  expect(question.getByText(/may read and write everything/)).toBeTruthy()
  fireEvent.click(question.getByRole('button', { name: 'Turn auth off' }))
  await screen.findByText('Auth is off', {}, longMs)
  await press('Undo')
  await waitFor(() => expect(inputsOf(backend, 'accounts.askCallers')).toEqual([{ on: false }, { on: true }]), longMs)
})

test('a new user: passwords must be alike, the name free', async () => {
  const backend = open({ accounts: { users } })
  await press('New user')
  const form = await dialog('New user')
  type(form, 'User name', 'ann')
  type(form, 'Password', 'geheim')
  type(form, 'Password again', 'geheem')
  fireEvent.click(form.getByRole('button', { name: 'Create user' }))
  expect(form.getByText('There is a user of this name already.')).toBeTruthy()
  expect(form.getByText('The two are not the same.')).toBeTruthy()
  type(form, 'User name', 'eve')
  type(form, 'Password again', 'geheim')
  fireEvent.click(form.getByRole('button', { name: 'Create user' }))
  await screen.findByText('The user eve is there', {}, longMs)
  expect(inputsOf(backend, 'accounts.createUser')).toEqual([{ name: 'eve', password: 'geheim' }])
})

test('a role taken from its last user comes back with its permissions', async () => {
  const backend = open({ accounts: { users, permissions } })
  await press('Take the role dev from ann')
  await screen.findByText('ann no longer has the role dev', {}, longMs)
  await press('Undo')
  await waitFor(() => expect(inputsOf(backend, 'accounts.addPermission')).toEqual(permissions), longMs)
  expect(inputsOf(backend, 'accounts.bindRole')).toEqual([{ role: 'dev', name: 'ann' }])
})

test('a role is given by the name of one, and then may something', async () => {
  const backend = open({ accounts: { users }, namespaces: [{ id: 'dev', name: 'dev', description: '', configs: 0, quota: 200 }] })
  await press('Give a role: bob')
  const binding = await dialog('Give bob a role')
  type(binding, 'Role', administratorRole)
  expect(binding.getByText(/neither given nor taken/)).toBeTruthy()
  type(binding, 'Role', 'ops')
  fireEvent.click(binding.getByRole('button', { name: 'Give role' }))
  await press('Add permission: ops')
  const form = await dialog('What ops may')
  fireEvent.click(form.getByRole('button', { name: 'Add permission' }))
  await screen.findByText('ops may read and write :*:*', {}, longMs)
  expect(inputsOf(backend, 'accounts.addPermission')).toEqual([{ role: 'ops', resource: ':*:*', action: 'rw' }])
})

test('a user goes after a question that names what goes along; the administrator stays', async () => {
  const backend = open({ accounts: { users, permissions } })
  expect((await screen.findByRole('button', { name: 'Delete the user nacos' }, longMs)).hasAttribute('disabled')).toBe(true)
  await press('Delete the user ann')
  const question = await dialog('Delete the user ann?')
  expect(question.getByText(/last user of dev/)).toBeTruthy()
  fireEvent.click(question.getByRole('button', { name: 'Delete user' }))
  await waitFor(() => expect(inputsOf(backend, 'accounts.deleteUser')).toEqual([{ name: 'ann' }]), longMs)
})

test('what is refused is said; in Chinese too', async () => {
  const backend = open({ accounts: { users, permissions } }, 'zh-CN')
  await screen.findByRole('heading', { level: 1, name: /鉴权已开启/ }, longMs)
  backend.refuseNext('accounts.dropPermission', refusal('no_quorum', { detail: 'nobody leads' }))
  await press('移除角色 dev 的权限“读写 dev:*:*”')
  expect((await screen.findByText(/未做任何更改/, {}, longMs)).closest('[role=alert]')?.textContent).toContain('nobody leads')
})

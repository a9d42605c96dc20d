/** The Namespaces screen over the contract's fake: made, changed, kept from going while something is in it, gone, and back. */

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { NamespaceView } from '../../../src-main/contract/index.ts'
import { refusal } from '../../api/fake-backend.testing.ts'
import { inEmptyBrowser, inputsOf, longMs, openConsole } from '../../components/screen.testing.tsx'

inEmptyBrowser()

const dev: NamespaceView = { id: 'dev', name: 'Development', description: 'for us', configs: 0, quota: 200 }
const prod: NamespaceView = { id: 'prod', name: 'Production', description: '', configs: 1_200, quota: 200 }
const open = (namespaces: readonly NamespaceView[], hash = '#/namespaces', language: 'en' | 'zh-CN' = 'en') =>
  openConsole(hash, { namespaces }, language)
const press = async (name: string | RegExp) => fireEvent.click(await screen.findByRole('button', { name }, longMs))
const dialog = async (name: string) => within(await screen.findByRole('dialog', { name }, longMs))
const type = (form: Awaited<ReturnType<typeof dialog>>, label: string, value: string) =>
  fireEvent.change(form.getByLabelText(label), { target: { value } })

test('counts and names all there are, and leads to the configurations of each', async () => {
  open([dev, prod])
  await screen.findByRole('heading', { level: 1, name: '3 namespaces' }, longMs)
  const row = screen.getByText('Production').closest('tr')
  expect(row?.textContent).toMatch(/1\s200/)
  expect(screen.getByRole('link', { name: 'Production' }).getAttribute('href')).toBe('/#/configs?ns=prod')
  expect(screen.queryByRole('button', { name: 'Delete public' })).toBeNull()
})

test('a new one: what is wrong is said before it is sent, then it is made, and taken back', async () => {
  const backend = open([dev])
  await press('New namespace')
  const form = await dialog('New namespace')
  type(form, 'ID', 'dev')
  fireEvent.click(form.getByRole('button', { name: 'Create namespace' }))
  expect(form.getByText('A namespace needs a name.')).toBeTruthy()
  expect(form.getByText('There is a namespace with this ID already.')).toBeTruthy()
  type(form, 'Name', ' Test ')
  type(form, 'ID', 'test')
  fireEvent.click(form.getByRole('button', { name: 'Create namespace' }))
  await screen.findByText('Test is there', {}, longMs)
  expect(inputsOf(backend, 'namespaces.create')).toEqual([{ id: 'test', name: 'Test', description: '' }])
  await press('Undo')
  await waitFor(() => expect(inputsOf(backend, 'namespaces.remove')).toEqual([{ id: 'test' }]), longMs)
})

test('a refusal stands in the form, and what was typed too', async () => {
  const backend = open([], '#/namespaces?new=true')
  backend.refuseNext('namespaces.create', refusal('no_quorum', { detail: 'nobody leads' }))
  const form = await dialog('New namespace')
  type(form, 'Name', 'Test')
  fireEvent.click(form.getByRole('button', { name: 'Create namespace' }))
  expect((await screen.findByRole('alert', {}, longMs)).textContent).toContain('nobody leads')
  expect((form.getByLabelText('Name') as HTMLInputElement).value).toBe('Test')
})

test('an edit keeps the ID, and is taken back', async () => {
  const backend = open([dev])
  await press('Edit Development')
  const form = await dialog('Edit Development')
  expect((form.getByLabelText('ID') as HTMLInputElement).readOnly).toBe(true)
  type(form, 'Name', 'Dev')
  fireEvent.click(form.getByRole('button', { name: 'Save' }))
  await screen.findByText('Dev is changed', {}, longMs)
  await press('Undo')
  const changes = [
    { id: 'dev', name: 'Dev', description: 'for us' },
    { id: 'dev', name: 'Development', description: 'for us' },
  ]
  await waitFor(() => expect(inputsOf(backend, 'namespaces.update')).toEqual(changes), longMs)
})

test('one that holds something is not deleted, and says what it holds', async () => {
  const backend = open([prod])
  await press('Delete Production')
  const form = await dialog('Delete Production?')
  expect(await form.findByText('It still holds 1 200 configurations and 0 services', {}, longMs)).toBeTruthy()
  expect(form.queryByRole('button', { name: 'Delete namespace' })).toBeNull()
  expect(inputsOf(backend, 'namespaces.remove')).toEqual([])
})

test('an empty one goes once its name was typed, and comes back as it was', async () => {
  const backend = open([dev])
  await press('Delete Development')
  const form = await dialog('Delete Development?')
  const field = await form.findByLabelText('Type Development to delete it', {}, longMs)
  const action = form.getByRole('button', { name: 'Delete namespace' })
  fireEvent.change(field, { target: { value: 'Develop' } })
  expect(action.hasAttribute('disabled')).toBe(true)
  fireEvent.change(field, { target: { value: 'Development' } })
  fireEvent.click(action)
  await screen.findByText('Development is deleted', {}, longMs)
  await press('Undo')
  const { id, name, description } = dev
  await waitFor(() => expect(inputsOf(backend, 'namespaces.create')).toEqual([{ id, name, description }]), longMs)
})

test('the filter finds by ID, and says when nothing fits, in Chinese too', async () => {
  open([dev, prod], '#/namespaces?q=PROD', 'zh-CN')
  expect(await screen.findByText('Production', {}, longMs)).toBeTruthy()
  expect(screen.queryByText('Development')).toBeNull()
  fireEvent.change(screen.getByRole('searchbox', { name: '按名称、ID 或描述筛选' }), { target: { value: 'nowhere' } })
  await press('清除筛选')
  expect(await screen.findByText('Development', {}, longMs)).toBeTruthy()
})

test('only the default one: says what most people do', async () => {
  open([])
  await screen.findByRole('heading', { level: 1, name: /the default one/ }, longMs)
  expect(screen.getByText(/one for each environment/)).toBeTruthy()
})

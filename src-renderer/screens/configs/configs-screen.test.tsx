/** The whole screen over the contract's fake: what is written, on which condition, and that no text is lost. */

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { createFakeBackend, type FakeBackendOptions, refusal } from '../../api/fake-backend.testing.ts'
import { type FakeBackend, inEmptyBrowser, longMs, openConsole } from '../../components/screen.testing.tsx'
import { createDraftStore } from './draft/draft-store.ts'

const key = { namespace: '', group: 'DEFAULT_GROUP', dataId: 'app.yaml' }
const address = '#/configs?group=DEFAULT_GROUP&dataId=app.yaml'
const mine = 'a: 2\r\nb: 3\n'
inEmptyBrowser()

const open = (hash: string, options: FakeBackendOptions = { configs: [{ dataId: 'app.yaml', type: 'yaml', content: 'a: 1\r\n' }] }) =>
  openConsole(hash, options)
/** An edit of before the window was opened: `mine` over the md5 given. */
const leaveDraft = (baseMd5: string, content = mine) => createDraftStore(localStorage).save(key, { content, type: 'yaml', baseMd5, savedAtMs: 1 })
const publishedMd5 = (backend: FakeBackend) => [...backend.configs.values()][0]?.md5 ?? ''
const stored = (backend: FakeBackend) => [...backend.configs.values()].find((config) => config.dataId === 'app.yaml')
const writes = (backend: FakeBackend) => backend.calls.filter(({ path }) => path === 'configs.publish' || path === 'configs.remove')

const review = async () => {
  await screen.findByRole('textbox', { name: /Content of app.yaml/ }, longMs)
  fireEvent.keyDown(window, { key: 's', code: 'KeyS', ctrlKey: true })
}
const firstMd5 = () => {
  const probe = createFakeBackend({ configs: [{ dataId: 'app.yaml', content: 'a: 1\r\n' }] })
  probe.close()
  return publishedMd5(probe)
}

test('a draft is back, published over what it began from, byte for byte, and taken back', async () => {
  leaveDraft(firstMd5())
  const backend = open(address)
  await screen.findByText(/Your draft of/, {}, longMs)
  await review()
  fireEvent.click(await screen.findByRole('button', { name: 'Publish 2 changes' }, longMs))
  await screen.findByText(/Committed at index/, {}, longMs)
  expect(stored(backend)?.content).toBe(mine)
  expect(writes(backend)[0]?.input).toMatchObject({ expectedMd5: firstMd5(), node: null })
  expect(createDraftStore(localStorage).load(key)).toBeNull()
  const wrote = stored(backend)?.md5
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }))
  await screen.findByText(/Taken back/, {}, longMs)
  expect(stored(backend)?.content).toBe('a: 1\r\n')
  expect(writes(backend)[1]?.input).toMatchObject({ expectedMd5: wrote })
  await waitFor(() => expect(createDraftStore(localStorage).load(key)?.content).toBe(mine))
})

test('the dialog takes the focus, so that no key goes to the editor behind, and gives it to Publish', async () => {
  leaveDraft(firstMd5())
  open(address)
  await review()
  const dialog = await screen.findByRole('dialog', {}, longMs)
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Publish 2 changes'), longMs)
  expect(dialog.contains(document.activeElement)).toBe(true)
})

test('a refused publish says why where it happened, and the text stays', async () => {
  leaveDraft(firstMd5())
  const backend = open(address)
  backend.refuseNext('configs.publish', refusal('no_quorum'))
  await review()
  fireEvent.click(await screen.findByRole('button', { name: 'Publish 2 changes' }, longMs))
  const note = await within(await screen.findByRole('dialog')).findByRole('alert', {}, longMs)
  expect(note.textContent).toMatch(/No majority.*Nothing was written.*no_quorum/)
  expect(createDraftStore(localStorage).load(key)?.content).toBe(mine)
  expect(stored(backend)?.content).toBe('a: 1\r\n')
})

test('a publish whose fate is not known goes out again under the same id, which no other publish shares', async () => {
  leaveDraft(firstMd5())
  const backend = open(address)
  backend.refuseNext('configs.publish', refusal('outcome_unknown'))
  const idsSent = () => writes(backend).map(({ input }) => (input as { requestId?: string }).requestId)
  await review()
  const go = await screen.findByRole('button', { name: 'Publish 2 changes' }, longMs)
  fireEvent.click(go)
  await within(await screen.findByRole('dialog')).findByText(/may or may not have been written/, {}, longMs)
  fireEvent.click(go)
  await screen.findByText(/Committed at index/, {}, longMs)
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }))
  await screen.findByText(/Taken back/, {}, longMs)
  const [first, again, undo] = idsSent()
  expect(first).toMatch(/^[A-Za-z0-9_-]{16,64}$/)
  expect([again, undo]).toEqual([first, undefined])
})

test('somebody published in between: nothing is sent before both texts were seen; mine then goes over theirs', async () => {
  leaveDraft(firstMd5())
  const backend = open(address)
  await review()
  const go = await screen.findByRole('button', { name: 'Publish 2 changes' }, longMs)
  const theirs = backend.put({ dataId: 'app.yaml', type: 'yaml', content: 'a: 9\n' })
  fireEvent.click(go)
  fireEvent.click(await screen.findByRole('button', { name: 'Keep mine…' }, longMs))
  expect(stored(backend)?.content).toBe('a: 9\n')
  fireEvent.click(await screen.findByRole('button', { name: /^Publish \d change/ }, longMs))
  await screen.findByText(/Committed at index/, {}, longMs)
  expect(stored(backend)?.content).toBe(mine)
  expect(writes(backend).at(-1)?.input).toMatchObject({ expectedMd5: theirs.md5 })
})

test('a draft over an older version is laid beside the newer one before anything is reviewed', async () => {
  leaveDraft('older')
  const backend = open(address)
  await review()
  await screen.findByText(/changed by somebody else/, {}, longMs)
  expect(writes(backend)).toEqual([])
})

test('what is deleted comes back with Undo, and only the version on the screen is deleted', async () => {
  const backend = open(address)
  await screen.findByRole('textbox', { name: /Content of app.yaml/ }, longMs)
  fireEvent.click(screen.getByRole('button', { name: 'More' }))
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }))
  await screen.findByText('app.yaml is deleted', {}, longMs)
  expect(writes(backend)[0]?.input).toMatchObject({ expectedMd5: firstMd5() })
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(stored(backend)?.content).toBe('a: 1\r\n'), longMs)
  expect(writes(backend)[1]?.input).toMatchObject({ expectedMd5: '' })
})

test('a new configuration is a draft until it is published on condition that the name is free', async () => {
  const backend = open('#/configs?new=true', { configs: [] })
  fireEvent.change(await screen.findByLabelText('dataId', {}, longMs), { target: { value: 'app.yaml' } })
  fireEvent.click(screen.getByRole('button', { name: 'Open the editor' }))
  await screen.findByRole('textbox', { name: /Content of app.yaml/ }, longMs)
  expect(writes(backend)).toEqual([])
  expect((await screen.findAllByText('not published')).length).toBeGreaterThan(0)
  expect(createDraftStore(localStorage).load(key)).toMatchObject({ type: 'yaml', baseMd5: '' })
})

test('the list says what it has, what it does not find, and why it cannot know', async () => {
  const backend = open('#/configs', { configs: [{ dataId: 'app.yaml' }, { dataId: 'web.json', type: 'json' }] })
  await screen.findByText('2 of 2', {}, longMs)
  const filter = screen.getByRole('combobox', { name: 'Filter by name or group' })
  fireEvent.change(filter, { target: { value: 'web' } })
  await screen.findByText('1 of 2', {}, longMs)
  fireEvent.change(filter, { target: { value: 'zzz' } })
  await screen.findByText('Nothing found', {}, longMs)
  fireEvent.click(screen.getAllByRole('button', { name: 'Clear filter' })[0] as HTMLElement)
  await screen.findByText('2 of 2', {}, longMs)
  fireEvent.keyDown(filter, { key: 'ArrowDown' })
  fireEvent.keyDown(filter, { key: 'Enter' })
  await screen.findByRole('textbox', { name: /Content of app.yaml/ }, longMs)
  expect(backend.calls.some(({ path }) => path === 'configs.get')).toBe(true)
})

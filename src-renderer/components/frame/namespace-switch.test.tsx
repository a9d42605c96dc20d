/** The switch of namespaces in the header, over the contract's fake: what it shows, where it leads, and what it remembers. */

import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { inEmptyBrowser, inputsOf, longMs, openConsole } from '../screen.testing.tsx'

inEmptyBrowser()

const dev = { id: '7f0c', name: 'Development', description: '', configs: 0, quota: 200 }
const configsLink = () => screen.getByRole('link', { name: /^Configs/ }).getAttribute('href')
const button = (name: RegExp) => screen.findByRole('button', { name }, longMs)

test('names the one in the address, which every way to the configurations keeps', async () => {
  const backend = openConsole('#/configs?ns=7f0c', { namespaces: [dev] })
  expect(await button(/Namespace Development/)).toBeTruthy()
  fireEvent.click(screen.getByRole('link', { name: /^Logs/ }))
  await waitFor(() => expect(location.hash).toBe('#/logs'), longMs)
  expect(configsLink()).toBe('/#/configs?ns=7f0c')
  expect(inputsOf(backend, 'configs.list')).toContainEqual(expect.objectContaining({ namespace: '7f0c' }))
})

test('leads to the configurations of another one, back to the default one too', async () => {
  openConsole('#/logs', { namespaces: [dev] })
  fireEvent.click(await button(/Namespace public/))
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Development' }, longMs))
  await waitFor(() => expect(location.hash).toBe('#/configs?ns=7f0c'), longMs)
  fireEvent.click(await button(/Namespace Development/))
  fireEvent.click(await screen.findByRole('menuitem', { name: 'public' }, longMs))
  await waitFor(() => expect(configsLink()).toBe('/#/configs'), longMs)
})

/** A node that is down for its data offers to be rebuilt, says what that means, and is not rebuilt before somebody agreed. */

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { NodeView } from '../../../src-main/contract/index.ts'
import { useClusterCommands } from '../../actions/cluster-commands.tsx'
import { fakeNode, fakeView, refusal } from '../../api/fake-backend.testing.ts'
import { drawPart, type FakeBackend, inEmptyBrowser, longMs } from '../../components/screen.testing.tsx'
import { NodeCard } from './node-card.tsx'

inEmptyBrowser()

const downFor = (kind: NonNullable<NodeView['lastExit']>['kind']): NodeView =>
  fakeNode(2, { process: 'crashed', pid: null, report: null, lastExit: { atMs: 900, code: 12, signal: null, kind, reason: 'as in the log' } })

/** The card with the overview's own commands: jsdom gives the picture around it no size. */
function Card({ node }: { node: NodeView }) {
  const commands = useClusterCommands()
  return (
    <NodeCard
      {...{ node, nowMs: 1_000, onMenu: () => undefined }}
      onStart={(asked) => void commands.startNode(asked)}
      onRebuild={(asked) => void commands.rebuildNode(asked)}
    />
  )
}

const open = (node: NodeView, language: 'en' | 'zh-CN' = 'en') =>
  drawPart(<Card node={node} />, { view: fakeView({ nodes: [fakeNode(1), node, fakeNode(3)], health: { kind: 'degraded', down: [2] } }) }, language)
const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }, longMs))
const rebuilds = (backend: FakeBackend) => backend.calls.filter(({ path }) => path === 'cluster.rebuildNode')

test('damaged data: the offer, what it means, and then the wish', async () => {
  const backend = open(downFor('data-damaged'))
  expect(await screen.findByText(/promises nothing it has forgotten/, {}, longMs)).toBeTruthy()
  await press('Rebuild')
  const dialog = await screen.findByRole('dialog', { name: 'Rebuild node-2 from the others?' }, longMs)
  expect(within(dialog).getByText(/its folder is kept aside/)).toBeTruthy()
  expect(rebuilds(backend)).toEqual([])
  fireEvent.click(within(dialog).getByRole('button', { name: 'Rebuild node-2' }))
  await waitFor(() => expect(rebuilds(backend)).toEqual([{ path: 'cluster.rebuildNode', input: { id: 2 } }]), longMs)
  expect(await screen.findByText('A new node serves in the place of node-2', {}, longMs)).toBeTruthy()
})

test('a refusal is shown in words', async () => {
  const backend = open(downFor('data-damaged'))
  backend.refuseNext('cluster.rebuildNode', refusal('no_quorum', { nodeId: 2, detail: 'nobody leads: a change needs a majority' }))
  await press('Rebuild')
  fireEvent.click(await screen.findByRole('button', { name: 'Rebuild node-2' }, longMs))
  expect(await screen.findByText(/Rebuild node-2: refused\./, {}, longMs)).toBeTruthy()
})

test('data that may not be written to: first what to mend, in Chinese too', async () => {
  open(downFor('data-read-only'), 'zh-CN')
  expect(await screen.findByText(/请将其目录改为可写后再次启动/, {}, longMs)).toBeTruthy()
  expect(await screen.findByRole('button', { name: '重建' }, longMs)).toBeTruthy()
})

test('a node that failed for another reason is not offered to be rebuilt on its card', async () => {
  open(downFor('other'))
  expect(await screen.findByRole('button', { name: 'Start again' }, longMs)).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Rebuild' })).toBeNull()
})

test('a node that waits for room on its disk says so, and offers nothing', async () => {
  const waits = fakeNode(2, {
    ...{ process: 'waiting', pid: null, report: null, restartAtMs: null },
    lastExit: { atMs: 900, code: 18, signal: null, kind: 'disk-full', reason: 'the disk is full' },
  })
  open(waits)
  expect(await screen.findByText(/It found its disk full/, {}, longMs)).toBeTruthy()
  expect(screen.getByText('Starts by itself once there is room')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /Rebuild|Start/ })).toBeNull()
})

test('a rebuilt node says in whose place it has come', async () => {
  open(fakeNode(4, { inPlaceOf: 2 }), 'zh-CN')
  expect(await screen.findByText('原节点 2', {}, longMs)).toBeTruthy()
})

import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test } from 'vitest'
import type { LogLine } from '../../src-main/contract/index.ts'
import { useClusterActions, useClusterView } from './cluster.ts'
import { useConfigDetail, useFetchConfig, usePublishConfig } from './configs.ts'
import { createFakeBackend, type FakeBackendOptions, fakeView, refusal } from './fake-backend.testing.ts'
import { useLogLines } from './logs.ts'
import { ApiProvider, useConnection } from './provider.tsx'
import { refusalOf } from './refusal.ts'

const open: { close(): void }[] = []
afterEach(() => {
  cleanup()
  for (const backend of open.splice(0)) backend.close()
})
const start = (options?: FakeBackendOptions) => {
  const backend = createFakeBackend(options)
  open.push(backend)
  const wrapper = ({ children }: { children: ReactNode }) => <ApiProvider api={backend.api}>{children}</ApiProvider>
  return { backend, show: <T,>(hook: () => T) => renderHook(hook, { wrapper }).result }
}
const key = { namespace: '', group: 'DEFAULT_GROUP', dataId: 'a.yaml' }
const line = (seq: number): LogLine => ({ seq, atMs: seq, node: 1, level: 'info', module: 'raft', text: `line ${seq}` })
const event = (seq: number) => ({ seq, atMs: seq, node: 1, kind: 'start' as const, role: null, term: null, detail: '' })

test('the picture of the cluster follows what is pushed', async () => {
  const { backend, show } = start()
  const live = show(useClusterView)
  await waitFor(() => expect(live.current.view?.leaderId).toBe(1))
  act(() => backend.pushView(fakeView({ leaderId: 2 })))
  await waitFor(() => expect(live.current.view?.leaderId).toBe(2))
  expect(live.current).toMatchObject({ ageMs: 0, connection: { kind: 'open' } })
})

test('a lost line keeps the last picture, says so, and comes back by itself with a fresh backlog', async () => {
  const { backend, show } = start()
  const live = show(useClusterView)
  await waitFor(() => expect(live.current.view).not.toBeNull())
  act(() => backend.pushEvents([event(1), event(2)]))
  await waitFor(() => expect(live.current.events).toHaveLength(2))
  act(() => backend.disconnect({ kind: 'lost', attempt: 1, retryAtMs: 0 }))
  await waitFor(() => expect(live.current.connection.kind).toBe('lost'))
  expect(live.current.view?.leaderId).toBe(1)
  act(() => {
    backend.pushView(fakeView({ leaderId: 3 }))
    backend.connect()
  })
  await waitFor(() => expect(live.current.view?.leaderId).toBe(3))
  act(() => backend.pushEvents([event(9)]))
  await waitFor(() => expect(live.current.events.map(({ seq }) => seq)).toEqual([9]))
})

test('an old picture says its age', async () => {
  const { show } = start()
  const live = show(useClusterView)
  await waitFor(() => expect(live.current.view).not.toBeNull())
  await waitFor(() => expect(live.current.ageMs).toBeGreaterThanOrEqual(2_000), { timeout: 6_000 })
})

test('a code opens the console', async () => {
  const { backend, show } = start()
  const connection = show(useConnection)
  act(() => backend.disconnect({ kind: 'needs-code', reason: 'absent' }))
  expect(connection.current.state).toEqual({ kind: 'needs-code', reason: 'absent' })
  await act(async () => expect(await connection.current.submitCode('bad')).toBe('refused'))
  await act(async () => expect(await connection.current.submitCode('good')).toBe('accepted'))
  expect(connection.current.state.kind).toBe('open')
})

test('an action is called once, and its refusal has a code', async () => {
  const { backend, show } = start()
  const actions = show(useClusterActions)
  backend.refuseNext('cluster.killNode', refusal('wrong_state', { nodeId: 2 }))
  const failure = await act(() => actions.current.killNode.mutateAsync({ id: 2 }).catch((error: unknown) => error))
  expect(refusalOf(failure)).toMatchObject({ code: 'wrong_state', nodeId: 2 })
  expect(backend.calls).toEqual([{ path: 'cluster.killNode', input: { id: 2 } }])
})

test('publishing refreshes what is shown; a stale md5 is a conflict', async () => {
  const { show } = start({ configs: [{ dataId: 'a.yaml', content: 'x: 1' }] })
  const detail = show(() => useConfigDetail({ ...key, node: null }))
  const publish = show(usePublishConfig)
  await waitFor(() => expect(detail.current.data?.content).toBe('x: 1'))
  const change = { ...key, node: 2, content: 'k: 中', type: 'yaml' as const }
  await act(() => publish.current.mutateAsync({ ...change, expectedMd5: detail.current.data?.md5 ?? '' }))
  await waitFor(() => expect(detail.current.data?.content).toBe('k: 中'))
  const failure = await act(() => publish.current.mutateAsync({ ...change, expectedMd5: 'old' }).catch((error: unknown) => error))
  expect(refusalOf(failure).code).toBe('cas_conflict')
})

test('the newest state can be fetched outside of rendering', async () => {
  const { backend, show } = start()
  const fetchConfig = show(useFetchConfig)
  backend.put({ ...key, content: 'theirs' })
  expect(await fetchConfig.current({ ...key, node: 3 })).toMatchObject({ content: 'theirs', nodeId: 3 })
})

test('a configuration that is not there is not asked for twice', async () => {
  const { backend, show } = start()
  const detail = show(() => useConfigDetail({ ...key, node: null }))
  await waitFor(() => expect(detail.current.data).toBeNull())
  expect(backend.calls).toHaveLength(1)
})

test('a write under way when the line breaks has an unknown outcome and is not sent again', async () => {
  const { backend, show } = start()
  const publish = show(usePublishConfig)
  await act(async () => {
    const failed = publish.current.mutateAsync({ ...key, node: null, content: 'x', type: 'text', expectedMd5: null }).catch((error: unknown) => error)
    await Promise.resolve()
    backend.disconnect({ kind: 'lost', attempt: 1, retryAtMs: 0 })
    expect(refusalOf(await failed).code).toMatch(/outcome_unknown|unreachable/)
  })
  backend.connect()
  expect(backend.calls.length).toBeLessThanOrEqual(1)
})

test('log lines gather; while paused the list stands still and the waiting ones are counted', async () => {
  const { backend } = start({ lines: [line(1), line(2)] })
  const state = { paused: false }
  const wrapper = ({ children }: { children: ReactNode }) => <ApiProvider api={backend.api}>{children}</ApiProvider>
  const { result, rerender } = renderHook(() => useLogLines(state), { wrapper })
  await waitFor(() => expect(result.current).toMatchObject({ loaded: true, pending: 0 }))
  expect(result.current.lines).toHaveLength(2)
  state.paused = true
  rerender()
  const held = result.current.lines
  act(() => backend.pushLines([line(3), line(4)], 5))
  await waitFor(() => expect(result.current.pending).toBe(2))
  expect(result.current.lines).toBe(held)
  state.paused = false
  rerender()
  expect(result.current.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  expect(result.current.dropped).toBe(5)
})

test('log lines are bounded, the oldest go first', async () => {
  const { backend, show } = start()
  const logs = show(() => useLogLines({ paused: false }))
  await waitFor(() => expect(logs.current.loaded).toBe(true))
  for (let batch = 0; batch < 6; batch++) act(() => backend.pushLines(Array.from({ length: 10_000 }, (_, i) => line(batch * 10_000 + i))))
  await waitFor(() => expect(logs.current.received).toBe(60_000), { timeout: 8_000 })
  expect(logs.current.lines).toHaveLength(50_000)
  expect(logs.current.lines.at(-1)?.seq).toBe(59_999)
})

test('the app says what it is', async () => {
  const { backend } = start({ info: { version: '9.9.9', shell: 'electron' } })
  expect(await backend.api.client.app.info()).toMatchObject({ version: '9.9.9', shell: 'electron' })
})

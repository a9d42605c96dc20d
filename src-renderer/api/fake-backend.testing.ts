/**
 * For component tests only: the contract answered from memory over a real MessageChannel, so that a screen is tested through its true client.
 * Configurations are stored with compare-and-set; views, events and log lines are pushed by the test; the line can be cut and restored.
 */

import { RPCLink } from '@orpc/client/message-port'
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import {
  type AppInfo,
  type ClusterUpdate,
  type ClusterView,
  type ConfigDetail,
  type ConfigKeyInput,
  contract,
  type LogLine,
  type MysqlTestUpdate,
  type NamedSnapshotView,
  type NamespaceView,
  type NodeData,
  type NodeView,
  type Refusal,
  type TimelineEvent,
} from '../../src-main/contract/index.ts'
import { type ConnectionState, createConnectionCell, type Transport } from './connection.ts'
import { createFakeAccounts, type FakeAccountsOptions } from './fake-accounts.testing.ts'
import { createFakeMove, type FakeMoveOptions } from './fake-move-plan.testing.ts'
import { createFakeNamespaces } from './fake-namespaces.testing.ts'
import { createFakeStorage } from './fake-storage.testing.ts'
import { createApi } from './query.ts'

export interface FakeBackendOptions {
  readonly view?: ClusterView
  readonly configs?: readonly (Partial<ConfigDetail> & Pick<ConfigDetail, 'dataId'>)[]
  readonly lines?: readonly LogLine[]
  readonly snapshots?: readonly NamedSnapshotView[]
  readonly info?: Partial<AppInfo>
  /** What a connection test tells, in order. */
  readonly testUpdates?: readonly MysqlTestUpdate[]
  readonly nodes?: readonly NodeData[]
  readonly move?: FakeMoveOptions
  /** Beside the default one. */
  readonly namespaces?: readonly NamespaceView[]
  readonly accounts?: FakeAccountsOptions
}

export function fakeNode(id: number, change: Partial<NodeView> = {}): NodeView {
  const report: NodeView['report'] = {
    atMs: 1_000,
    role: id === 1 ? 'leader' : 'follower',
    term: 7,
    leaderId: 1,
    commitIndex: 120,
    appliedIndex: 120,
    lastIndex: 120,
    serving: true,
    diskFull: false,
    stateHash: 'c0ffee',
    configCount: 3,
    links: [1, 2, 3].filter((to) => to !== id).map((to) => ({ to, connected: true, matchIndex: 120, rttMs: 0.4 })),
    rssBytes: 90_000_000,
    cpuShare: 0.02,
    uptimeMs: 61_000,
    writesPerSecond: 0,
    readsPerSecond: 0,
    pushesPerSecond: 0,
    longPolls: 0,
    fsyncMs: 1.2,
    store: null,
  }
  const places = {
    http: `http://127.0.0.1:${8847 + id}`,
    grpc: `127.0.0.1:${9847 + id}`,
    raft: `127.0.0.1:${7847 + id}`,
    dir: `/data/node-${id}`,
    inPlaceOf: null,
  }
  return { id, process: 'running', pid: 4_000 + id, ...places, restarts: 0, restartAtMs: null, lastExit: null, report, ...change }
}

export function fakeView(change: Partial<ClusterView> = {}): ClusterView {
  return {
    atMs: 1_000,
    health: { kind: 'all-serve' },
    healthSinceMs: 500,
    leaderId: 1,
    term: 7,
    leaderSinceMs: 500,
    nodes: [fakeNode(1), fakeNode(2), fakeNode(3)],
    main: { pid: 4_000, rssBytes: 120_000_000, cpuShare: 0.01 },
    dataDir: '/data',
    authOn: true,
    storage: { setting: { kind: 'sqlite', origin: 'default', commandLine: false }, refused: null },
    ...change,
  }
}

export function refusal(code: Refusal['code'], change: Partial<Refusal> = {}): Refusal {
  return { code, nodeId: 1, httpStatus: 503, detail: `caused: ${code};`, ...change }
}

/** Everything that is pushed while a stream is open, and only then. */
function createChannel<T>() {
  const pushes = new Set<(item: T) => void>()
  return {
    push: (item: T) => {
      for (const push of pushes) push(item)
    },
    async *stream(first: readonly T[], signal: AbortSignal | undefined): AsyncGenerator<T> {
      const waiting = [...first]
      let wake = () => {}
      const push = (item: T) => {
        waiting.push(item)
        wake()
      }
      pushes.add(push)
      signal?.addEventListener('abort', () => wake())
      try {
        while (signal?.aborted !== true) {
          const next = waiting.shift()
          if (next !== undefined) yield next
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        pushes.delete(push)
      }
    },
  }
}

export const fakeSnapshot = (name: string, change: Partial<NamedSnapshotView> = {}): NamedSnapshotView => ({
  ...{ besides: { services: 2, instances: 5, grays: 1, namespaces: 3, accounts: 4, capacities: 0 } },
  ...{ name, index: 100, takenMs: 1_000, configs: 3, contentBytes: 4_096, contentHash: '0123456789abcdef', changesSince: 7, usable: true },
  ...change,
})

const idOf = ({ namespace, group, dataId }: ConfigKeyInput) => JSON.stringify([namespace, group, dataId])
/** Not md5: only equality matters to a screen. */
const hashOf = (content: string) => `md5-${content.length}-${[...content].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 1e9, 7)}`
const globOf = (pattern: string) => new RegExp(`^${pattern === '' ? '.*' : pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)

export function createFakeBackend(options: FakeBackendOptions = {}) {
  const os = implement(contract)
  const updates = createChannel<ClusterUpdate>()
  const batches = createChannel<{ lines: LogLine[]; dropped: number }>()
  const configs = new Map<string, ConfigDetail>()
  const calls: { readonly path: string; readonly input: unknown }[] = []
  const refusals = new Map<string, Refusal>()
  const snapshots: NamedSnapshotView[] = [...(options.snapshots ?? [])]
  let undo: NamedSnapshotView | null = null
  let view = options.view ?? fakeView()
  let index = 120

  const put = (config: Partial<ConfigDetail> & Pick<ConfigDetail, 'dataId'>) => {
    const content = config.content ?? ''
    const blank = {
      namespace: '',
      group: 'DEFAULT_GROUP',
      type: 'text',
      description: '',
      appName: '',
      tags: [],
      createdMs: 1,
      modifiedMs: 2,
      nodeId: 1,
    } as const
    const detail: ConfigDetail = { ...blank, tags: [], content, md5: hashOf(content), ...config }
    configs.set(idOf(detail), detail)
    return detail
  }
  for (const config of options.configs ?? []) put(config)

  /** Notes the call; throws what the test asked for. */
  const enter = (path: string, input: unknown, refused: (options: { data: Refusal }) => Error) => {
    calls.push({ path, input })
    const data = refusals.get(path)
    refusals.delete(path)
    if (data) throw refused({ data })
  }
  const act =
    (path: string) =>
    ({ input, errors }: { input?: unknown; errors: { REFUSED: (options: { data: Refusal }) => Error } }) =>
      enter(path, input, errors.REFUSED)
  const check = (input: ConfigKeyInput & { expectedMd5: string | null }, refused: (options: { data: Refusal }) => Error) => {
    if (input.expectedMd5 !== null && (configs.get(idOf(input))?.md5 ?? '') !== input.expectedMd5) throw refused({ data: refusal('cas_conflict') })
  }

  const router = os.router({
    app: {
      info: os.app.info.handler(() => ({
        version: '0.1.0',
        shell: 'browser',
        dataDir: '/data',
        platform: 'linux',
        versions: { node: '24.0.0', electron: null },
        locale: 'en',
        ...options.info,
      })),
    },
    cluster: {
      watch: os.cluster.watch.handler(({ signal }) => updates.stream([{ kind: 'view', view }], signal)),
      start: os.cluster.start.handler(act('cluster.start')),
      stop: os.cluster.stop.handler(act('cluster.stop')),
      startNode: os.cluster.startNode.handler(act('cluster.startNode')),
      stopNode: os.cluster.stopNode.handler(act('cluster.stopNode')),
      restartNode: os.cluster.restartNode.handler(act('cluster.restartNode')),
      killNode: os.cluster.killNode.handler(act('cluster.killNode')),
      compare: os.cluster.compare.handler(({ input, errors }) => {
        enter('cluster.compare', input, errors.REFUSED)
        const side = (id: number) => ({ id, appliedIndex: 120, configs: configs.size, stateHash: '00000000deadbeef' })
        return { kind: 'compared', first: side(input.first), second: side(input.second), equal: true, differing: 0, differences: [] }
      }),
      rebuildNode: os.cluster.rebuildNode.handler(({ input, errors }) => {
        enter('cluster.rebuildNode', input, errors.REFUSED)
        return { id: view.nodes.length + 1 }
      }),
      blockNode: os.cluster.blockNode.handler(act('cluster.blockNode')),
    },
    snapshots: {
      list: os.snapshots.list.handler(({ errors }) => {
        enter('snapshots.list', undefined, errors.REFUSED)
        return { nodeId: 1, limit: 32, snapshots: [...snapshots], undo }
      }),
      take: os.snapshots.take.handler(({ input, errors }) => {
        enter('snapshots.take', input, errors.REFUSED)
        const taken = fakeSnapshot(input.name, { index: ++index, configs: configs.size })
        snapshots.push(taken)
        return taken
      }),
      restore: os.snapshots.restore.handler(({ input, errors }) => {
        enter('snapshots.restore', input, errors.REFUSED)
        undo = fakeSnapshot(input.name, { index: ++index })
        return { index, updated: 2, created: 1, removed: 3, besides: { brought: 4, removed: 1, left: 0 } }
      }),
      undo: os.snapshots.undo.handler(({ errors }) => {
        enter('snapshots.undo', undefined, errors.REFUSED)
        undo = null
        return { index: ++index, updated: 2, created: 3, removed: 1, besides: { brought: 1, removed: 4, left: 0 } }
      }),
      remove: os.snapshots.remove.handler(({ input, errors }) => {
        enter('snapshots.remove', input, errors.REFUSED)
        const at = snapshots.findIndex(({ name }) => name === input.name)
        if (at !== -1) snapshots.splice(at, 1)
        return { index: ++index }
      }),
    },
    storage: createFakeStorage({ enter, testUpdates: options.testUpdates ?? [], nodes: options.nodes ?? [] }),
    storageMove: createFakeMove(enter, options.move ?? {}),
    namespaces: createFakeNamespaces(enter, options.namespaces ?? []),
    accounts: createFakeAccounts(enter, options.accounts ?? {}),
    configs: {
      list: os.configs.list.handler(({ input, errors }) => {
        enter('configs.list', input, errors.REFUSED)
        const found = [...configs.values()].filter(
          ({ namespace, dataId, group }) => namespace === input.namespace && globOf(input.dataId).test(dataId) && globOf(input.group).test(group),
        )
        const page = found.slice((input.page - 1) * input.pageSize, input.page * input.pageSize)
        const items = page.map((config) => ({ ...config, id: idOf(config), contentBytes: new TextEncoder().encode(config.content).length }))
        return { total: found.length, items, nodeId: input.node ?? 1 }
      }),
      get: os.configs.get.handler(({ input, errors }) => {
        enter('configs.get', input, errors.REFUSED)
        const config = configs.get(idOf(input))
        if (!config) throw errors.REFUSED({ data: refusal('not_found', { httpStatus: 200 }) })
        return { ...config, nodeId: input.node ?? 1 }
      }),
      publish: os.configs.publish.handler(({ input, errors }) => {
        enter('configs.publish', input, errors.REFUSED)
        check(input, errors.REFUSED)
        const { expectedMd5: _expected, requestId: _id, node, description, appName, tags, ...rest } = input
        const { md5 } = put({ ...rest, description: description ?? '', appName: appName ?? '', tags: tags ?? [] })
        index += 1
        return { nodeId: node ?? 1, md5, tookMs: 1.5, index }
      }),
      remove: os.configs.remove.handler(({ input, errors }) => {
        enter('configs.remove', input, errors.REFUSED)
        check(input, errors.REFUSED)
        configs.delete(idOf(input))
        return { nodeId: input.node ?? 1, tookMs: 1.5 }
      }),
    },
    logs: {
      watch: os.logs.watch.handler(({ input, signal }) =>
        batches.stream([{ lines: input.backlog === 0 ? [] : [...(options.lines ?? [])].slice(-input.backlog), dropped: 0 }], signal),
      ),
    },
  })

  const handler = new RPCHandler(router)
  const cell = createConnectionCell({ kind: 'connecting' })
  let ends: { close(): void }[] = []
  const disconnect = (state: ConnectionState) => {
    for (const end of ends) end.close()
    ends = []
    cell.set(state)
  }
  const connect = () => {
    const { port1, port2 } = new MessageChannel()
    ends = [port1, port2]
    handler.upgrade(port1)
    const link = new RPCLink({ port: port2 })
    port1.start()
    port2.start()
    cell.set({ kind: 'open', sinceMs: 0 }, link)
  }
  connect()
  const transport: Transport = {
    state: cell.state,
    link: cell.link,
    subscribe: cell.subscribe,
    submitCode: async (code) => {
      calls.push({ path: 'submitCode', input: code })
      if (code !== 'good') return 'refused'
      connect()
      return 'accepted'
    },
    retryNow: connect,
    close: () => disconnect({ kind: 'connecting' }),
  }

  return {
    /** Hand this to `ApiProvider`. */
    api: createApi(transport),
    /** What was asked, in order, streams left out. */
    calls,
    /** The stored configurations, for looking. */
    configs,
    put,
    /** The next call of `path`, e.g. `configs.publish`, is refused so. */
    refuseNext: (path: string, data: Refusal) => refusals.set(path, data),
    pushView(next: ClusterView) {
      view = next
      updates.push({ kind: 'view', view })
    },
    pushEvents: (events: TimelineEvent[]) => updates.push({ kind: 'events', events }),
    pushLines: (lines: LogLine[], dropped = 0) => batches.push({ lines, dropped }),
    connect,
    disconnect,
    close: () => disconnect({ kind: 'connecting' }),
  }
}

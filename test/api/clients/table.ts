/**
 * The official clients and what each is asked to do: who can what, and why not. What a cluster must serve for it follows from how a client speaks.
 * Owns the rows of `docs/clients.md`.
 */

export type Feature =
  | 'configurations over HTTP v1'
  | 'configurations over HTTP v3'
  | 'configurations over gRPC'
  | 'services over HTTP v1'
  | 'services over gRPC'
  | 'users'

/** What a cluster serves by now; the suite asks it, and fails if that is not this. */
export const served: readonly Feature[] = [
  'configurations over HTTP v1',
  'configurations over HTTP v3',
  'configurations over gRPC',
  'services over HTTP v1',
  'services over gRPC',
  'users',
]

export const actions = {
  publish: { of: 'configs', words: 'publish' },
  get: { of: 'configs', words: 'get' },
  remove: { of: 'configs', words: 'remove' },
  listen: { of: 'configs', words: 'listen, and be told of a change at another node' },
  follow: { of: 'configs', words: 'watch a pattern, and be told what comes and goes at other nodes' },
  'configs outlive nodes': { of: 'configs', words: 'go on when its node dies, the leader too: publish, be told' },
  register: { of: 'services', words: 'register, and be seen at every node' },
  persist: { of: 'services', words: 'register one that stays without its client, and take it away' },
  deregister: { of: 'services', words: 'deregister' },
  batch: { of: 'services', words: 'register several at once' },
  subscribe: { of: 'services', words: 'subscribe, and be told of a new instance' },
  health: { of: 'services', words: 'be told that an instance is ill' },
  removal: { of: 'services', words: 'be told that one of two instances is gone' },
  'follow services': { of: 'services', words: 'watch a pattern, and be told which services come and go' },
  'services outlive nodes': { of: 'services', words: 'go on when its node dies: its instance stays, it is told' },
  'refused without a password': { of: 'users', words: 'auth on: refused without a password' },
  'works with a password': { of: 'users', words: 'auth on: works with one' },
} as const satisfies Readonly<Record<string, { readonly of: 'configs' | 'services' | 'users'; readonly words: string }>>
export type Action = keyof typeof actions
export const actionNames = Object.keys(actions) as readonly Action[]

export interface ClientRow {
  readonly name: string
  readonly package: string
  readonly version: string
  readonly configs: Feature | null
  readonly services: Feature | null
  /** After a reconnect it says anew what it listens to, but only so often. Absent: at once. */
  readonly listensAgainMs?: number
  /** After a reconnect it registers and subscribes anew, but only so often. Absent: within seconds. */
  readonly registersAgainMs?: number
  /** What it has no call for. */
  readonly cannot: Partial<Readonly<Record<Action, string>>>
}

const noServices = 'it knows configurations only'
const servicesOnly = (why: string): ClientRow['cannot'] => ({
  ...{
    register: why,
    persist: why,
    deregister: why,
    batch: why,
    subscribe: why,
    health: why,
    removal: why,
    'follow services': why,
    'services outlive nodes': why,
  },
})

/** They came with Nacos 3. */
const withoutPatterns: ClientRow['cannot'] = { follow: 'it knows no patterns', 'follow services': 'it knows no patterns' }
const onceRun = 'a program that is run once listens to nothing'

export const npmClients: readonly ClientRow[] = [
  {
    ...{ name: 'nacos', package: 'npm nacos', version: '2.6.3' },
    ...{ configs: 'configurations over HTTP v1', services: 'services over HTTP v1' },
    cannot: { batch: 'HTTP v1 has no such call', ...withoutPatterns },
  },
  {
    ...{ name: 'rust', package: 'npm nacos-sdk-rust-binding-node', version: '0.8.0' },
    ...{ configs: 'configurations over gRPC', services: 'services over gRPC', listensAgainMs: 60_000 },
    cannot: withoutPatterns,
  },
  {
    ...{ name: 'cli', package: 'npm @nacos-group/cli', version: '1.1.4' },
    ...{ configs: 'configurations over HTTP v3', services: null },
    cannot: {
      ...servicesOnly(noServices),
      ...{ remove: 'it has no such command', listen: onceRun, follow: onceRun },
      'configs outlive nodes': 'it is run anew each time, with one server',
    },
  },
]

const overGrpc = { configs: 'configurations over gRPC', services: 'services over gRPC', cannot: withoutPatterns } as const

/** `programs/java/pom.xml`, `programs/go/go.mod` and `programs/python/requirements.txt` have the same versions. */
export const toolchainClients: readonly ClientRow[] = [
  { ...{ name: 'java', package: 'Java nacos-client', version: '3.1.0' }, ...overGrpc, cannot: {} },
  { ...{ name: 'java2', package: 'Java nacos-client', version: '2.5.1' }, ...overGrpc },
  { ...{ name: 'go', package: 'Go nacos-sdk-go/v2', version: '2.3.5' }, ...overGrpc },
  { ...{ name: 'python', package: 'Python nacos-sdk-python', version: '3.2.0' }, ...overGrpc, registersAgainMs: 30_000 },
]

export type Cell =
  | { readonly kind: 'does' }
  | { readonly kind: 'cannot'; readonly why: string }
  /** The client can; a cluster of ours does not serve it yet. */
  | { readonly kind: 'not-served'; readonly missing: readonly Feature[] }

const wanted = ({ configs, services }: ClientRow, action: Action): readonly Feature[] => {
  switch (actions[action].of) {
    case 'configs':
      return configs === null ? [] : [configs]
    case 'services':
      return services === null ? [] : [services]
    case 'users':
      return configs === null ? ['users'] : ['users', configs]
  }
}

export const cellOf = (row: ClientRow, action: Action, features: readonly Feature[] = served): Cell => {
  const why = row.cannot[action]
  if (why !== undefined) return { kind: 'cannot', why }
  const missing = wanted(row, action).filter((feature) => !features.includes(feature))
  return missing.length === 0 ? { kind: 'does' } : { kind: 'not-served', missing }
}

/**
 * For tests: a node whose configurations and services each bear a mark of where they stand, so that whatever an answer shows, and whatever a request
 * has changed, can be told to be somebody's or nobody's business. Owns what every route must be sent to do what it does.
 */

import { rmSync } from 'node:fs'
import type { ServiceKey } from '../../naming/naming-port.ts'
import type { ConfigKey } from '../../state-machine/types.ts'
import { javaZip } from '../zip/java-zip.testing.ts'
import { gathered, withZip } from '../zip/zip-on-disk.testing.ts'
import { type Answer, consoleIdentity, createCaller, createFakeNode, md5 } from './fake-node.testing.ts'
import { contextPath, type Route } from './router.ts'
import { routesOf } from './routes.ts'
import { createHttpServer } from './server.ts'

/** A configuration and a service that requests name, and where they stand. */
export interface Place {
  readonly namespace: '' | 'dev'
  readonly group: string
}
/** Names that stand for the one service that is there, for one without instances, and for none. */
const services = { there: 's', empty: 'e', none: 'n' } as const
export const ownNames: ReadonlySet<string> = new Set(['a', ...Object.values(services)])

export const wordOf = ({ namespace }: Pick<Place, 'namespace'>): string => namespace || 'public'
export const markOf = (place: Place, own: boolean): string => `mark_${wordOf(place)}_${place.group}_${own ? 'own' : 'other'}`

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export interface Door {
  readonly path: string
  readonly method: (typeof methods)[number]
  readonly access: string
  /** What else a request must say to have this done. */
  readonly meaning: Readonly<Record<string, string>>
}

/** One path, many meanings. */
const meaningsOf = (path: string, method: Door['method']): readonly Door['meaning'][] => {
  const v1Configs = path === '/v1/cs/configs'
  if (v1Configs && method === 'GET')
    return [{}, { search: 'accurate' }, { search: 'blur' }, { show: 'all' }, { beta: 'true' }, { export: 'true' }, { exportV2: 'true', ids: 'IDS' }]
  if (v1Configs && method === 'POST') return [{}, { clone: 'true', policy: 'OVERWRITE' }, { import: 'true', policy: 'OVERWRITE' }]
  if (v1Configs) return [{}, { beta: 'true' }, { delType: 'ids', ids: 'IDS' }]
  if (path === '/v1/cs/history') return [{}, { search: 'accurate' }]
  if (/\/cs\/config\/(batch|batchDelete)$/.test(path)) return [{ ids: 'IDS' }]
  if (/\/cs\/config\/export2?$/.test(path)) return [{}, { ids: 'IDS' }]
  if (/\/(clone|import)$/.test(path)) return [{ policy: 'OVERWRITE' }]
  if (path === '/v1/cs/configs/listener' && method === 'POST') return [{ 'Listening-Configs': 'LIST' }]
  if (path.endsWith('/catalog/services') || path.endsWith('/service/list')) return [{}, { withInstances: 'true' }, { withInstances: 'false' }]
  return [{}]
}

/** Every route that asks for what a request is about, method by method and meaning by meaning. */
const doorsOf = (routes: Readonly<Record<string, Route>>): readonly Door[] =>
  Object.entries(routes).flatMap(([path, route]) =>
    methods.flatMap((method) => {
      const access = route.accessTo?.[method] ?? route.access
      if (route[method] === undefined || (access !== 'config' && access !== 'naming')) return []
      return meaningsOf(path, method).map((meaning) => ({ path, method, access, meaning }))
    }),
  )

export const namesOf = ({ path, method, meaning }: Door): string => `${method} ${path} ${JSON.stringify(meaning)}`

/** For a service that can be made, or taken away. */
const serviceFor = ({ path, method }: Door): string => {
  if (!/\/ns\/service$/.test(path)) return services.there
  return method === 'POST' ? services.none : method === 'DELETE' ? services.empty : services.there
}

/** Whatever any handler wants to know, except where it is to act. */
const everything = {
  ...{ content: 'x', desc: 'x', ip: '10.0.0.5', port: '80', clusterName: 'DEFAULT', healthy: 'false', weight: '2', metadata: '{"k":"w"}' },
  ...{ protectThreshold: '0.5', pageNo: '1', pageSize: '100', expr: '', key: 's' },
  ...{ checkPort: '80', useInstancePort4Check: 'true', healthChecker: '{"type":"TCP"}' },
} as const

/** A long poll says what has changed, and does not wait for more. */
const atOnce = { 'long-pulling-timeout': '10000', 'long-pulling-timeout-no-hangup': 'true' }

const zipForm = (place: Place): Buffer =>
  Buffer.concat([
    Buffer.from('--edge\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'),
    javaZip([{ name: `${place.group}/a`, content: 'imported' }]),
    Buffer.from('\r\n--edge--\r\n'),
  ])

const textIn = async ({ body, text, headers }: Answer): Promise<string> => {
  if (headers['content-type'] !== 'application/octet-stream' || body.length === 0) return text
  return withZip(body, async (zip) => {
    const contents: string[] = []
    for (const entry of await gathered(zip.entries())) contents.push((await zip.content(entry)).toString())
    return contents.join()
  })
}

/** What came of a request, with the marks that its answer shows. */
export interface Outcome {
  readonly status: number
  readonly marks: readonly string[]
}

export type Fields = Readonly<Record<string, string>>

export const startMarkedNode = async (places: readonly Place[]) => {
  const node = createFakeNode()
  const { port: naming } = node.naming
  const keyOf = (place: Place): ConfigKey => ({ ...place, dataId: 'a' })
  const listenerView = {
    *ofKey({ namespace, group }: ConfigKey) {
      yield { ip: '10.0.0.7', md5: markOf({ namespace: namespace as Place['namespace'], group }, true) }
    },
    *ofIp() {},
  }
  const parts = { ...node.parts, listenerViews: [listenerView] }
  const server = createHttpServer(parts)
  const port = await server.listen('127.0.0.1', 0)
  const call = createCaller(() => port)
  /** Each of an instance that is not there yet. */
  let beats = 1_000
  const asConsole = { 'nacos-trio-identity': consoleIdentity }
  const post = (path: string, fields: Fields, headers: Record<string, string> = {}) =>
    call('POST', `${contextPath}${path}`, new URLSearchParams(fields).toString(), { ...asConsole, ...headers })

  const publish = async (place: Place, own: boolean): Promise<void> => {
    const fields = { tenant: place.namespace, group: place.group, dataId: own ? 'a' : markOf(place, false) }
    const mark = markOf(place, own)
    // Twice: a history has rows of both kinds.
    for (const more of ['', '.']) await post('/v1/cs/configs', { ...fields, content: `${mark}${more}`, appName: mark, desc: mark })
    await post('/v1/cs/configs', { ...fields, content: mark }, { betaIps: '10.0.0.8' })
  }
  const register = async (place: Place, name: string, mark: string): Promise<void> => {
    const key: ServiceKey = { namespace: wordOf(place), group: place.group, name }
    const spec = { protectThreshold: 0, metadata: { mark }, selector: { type: 'none' } } as const
    await new Promise((resolve) => naming.createService(key, spec, true, resolve))
    await new Promise((resolve) => naming.updateService(key, spec, resolve))
    const cluster = { checker: { type: 'NONE' }, checkPort: 80, useInstancePort: true, metadata: {} } as const
    await new Promise((resolve) => naming.updateCluster(key, 'DEFAULT', cluster, resolve))
    if (name === services.empty) return
    const address = { ip: '10.0.0.5', port: 80, cluster: 'DEFAULT' }
    const rest = { weight: 1, enabled: true, healthy: true, metadata: { mark, k: 'v' } }
    await new Promise((resolve) => naming.register(key, { ...address, ...rest }, true, resolve))
    naming.subscribe({ kind: 'udp', ip: '10.0.0.6', port: 5000, agent: 'x', app: mark }, key, '', () => undefined)
  }
  const fill = async (place: Place): Promise<void> => {
    for (const own of [true, false]) await publish(place, own)
    for (const name of [services.there, services.empty]) await register(place, name, markOf(place, true))
    await register(place, markOf(place, false), markOf(place, false))
    await new Promise((resolve) => naming.removeService({ namespace: wordOf(place), group: place.group, name: services.none }, resolve))
  }

  await post('/v1/auth/users/admin', { password: 'root' })
  await post('/v1/console/namespaces', { customNamespaceId: 'dev', namespaceName: 'dev' })
  for (const place of places) await fill(place)

  /** All that is there of what `wanted` takes, as a text. */
  const stateOf = (wanted: (place: Place, name: string) => boolean): string => {
    const rows = [...parts.configs.all()].filter((row) => wanted({ ...row, namespace: row.namespace as Place['namespace'] }, row.dataId))
    const configs = rows.map((row) => [{ ...row, content: row.md5 }, parts.grays.of(row)])
    const views = [...naming.namespaces()].flatMap((namespace) => [...naming.services(namespace)])
    const kept = views.filter((view) => wanted({ namespace: view.namespace === 'dev' ? 'dev' : '', group: view.group }, view.name))
    return md5(JSON.stringify([configs, kept.map((view) => [view, naming.instances(view, '')])]))
  }

  const numbersOf = (place: Place) => {
    const id = parts.configs.find(keyOf(place))?.id ?? 0
    const nid = node.history.findLast((row) => row.namespace === place.namespace && row.group === place.group && row.dataId === 'a')?.nid ?? 0
    return { id, nid }
  }
  const listOf = (place: Place): string => `${markOf(place, false)}\x02${place.group}\x02old\x02${place.namespace}\x01`

  /** As this door wants it, with these names, and all else as somebody would send it who means `place`. */
  const ask = async (door: Door, names: Fields, place: Place, headers: Record<string, string>): Promise<Outcome> => {
    const { id, nid } = numbersOf(place)
    const meaning = Object.entries(door.meaning).map(([name, value]) => [name, value.replace('IDS', `${id}`).replace('LIST', listOf(place))])
    const beat = JSON.stringify({ ip: '10.0.0.9', port: ++beats, cluster: 'DEFAULT' })
    const usual = { ...everything, beat, id: `${id}`, nid: `${nid}` }
    const query = new URLSearchParams({ ...usual, ...Object.fromEntries(meaning), ...names }).toString()
    const path = `${contextPath}${door.path}?${query}`
    const sent = bodyFor(door, place)
    const answer = await call(door.method, path, sent.body, { ...headers, ...atOnce, ...sent.headers })
    const marks = [...new Set((await textIn(answer)).match(/mark_\w+/g) ?? [])]
    return { status: answer.status, marks }
  }

  const bodyFor = ({ path, method, meaning }: Door, place: Place): { body: string | Buffer | undefined; headers: Record<string, string> } => {
    if (method === 'GET') return { body: undefined, headers: {} }
    if ('import' in meaning || path.endsWith('/import'))
      return { body: zipForm(place), headers: { 'content-type': 'multipart/form-data; boundary=edge' } }
    if (!('clone' in meaning) && !path.endsWith('/clone')) return { body: '', headers: {} }
    // From where the caller may read: it is the target that must be asked for.
    const { id } = numbersOf({ namespace: 'dev', group: 'G' })
    return { body: JSON.stringify([{ cfgId: id, dataId: 'a', group: place.group }]), headers: { 'content-type': 'application/json' } }
  }

  const signUp = async (name: string, resources: readonly string[]): Promise<Record<string, string>> => {
    await post('/v1/auth/users', { username: name, password: name })
    await post('/v1/auth/roles', { role: name, username: name })
    for (const resource of resources) await post('/v1/auth/permissions', { role: name, resource, action: 'rw' })
    return { authorization: `Bearer ${JSON.parse((await post('/v1/auth/login', { username: name, password: name })).text).accessToken}` }
  }
  const close = async (): Promise<void> => {
    parts.polls.closeAll()
    await server.close(0)
    rmSync(parts.uploadDir, { recursive: true, force: true })
  }
  return { parts, ask, stateOf, fill, signUp, close, asConsole, serviceFor, doors: doorsOf(routesOf(parts)) }
}

/** The manifests that people apply, held against the command line, the routes and the ports that they speak of. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { parseStandaloneLine } from './command-line.ts'
import { settleIdentity } from './identity.ts'

const root = resolve(import.meta.dirname, '../..')
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: unknown
  readonly stringData?: Readonly<Record<string, string>>
}
const read = (file: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(join(root, 'deploy', file), 'utf8')).map((document) => document.toJS() as Manifest)
const manifests = read('nacos-trio.yaml')
const named = (kind: string, name: string): Manifest => {
  const manifest = manifests.find((each) => each.kind === kind && each.metadata.name === name)
  if (manifest === undefined) throw new Error(`no ${kind} ${name}`)
  return manifest
}

interface Probe {
  readonly httpGet: {
    readonly path: string
    readonly port: string
    readonly httpHeaders: readonly { readonly name: string; readonly value: string }[]
  }
}
interface Container {
  readonly args: readonly string[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}
const set = named('StatefulSet', 'nacos').spec as {
  readonly serviceName: string
  readonly replicas: number
  readonly selector: { readonly matchLabels: object }
  readonly template: {
    readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> }
    readonly spec: { readonly containers: readonly [Container] }
  }
}
const [container] = set.template.spec.containers

/** As the kubelet fills them in. */
const argsOfPod = (at: number): readonly string[] =>
  container.args.slice(1).map((arg) => arg.replaceAll('$(POD_IP)', `10.1.0.${at}`).replaceAll('$(POD_NAMESPACE)', 'shop'))
const optionsOfPod = (at: number) => {
  const line = parseStandaloneLine(argsOfPod(at), { cwd: '/app', machine: `nacos-${at}` })
  if (line.kind !== 'run') throw new Error(line.kind === 'bad' ? line.sentence.en : 'help')
  return line.options
}

it('each pod finds itself among its peers by its own name', () => {
  expect(container.args[0]).toBe('node')
  expect([0, 1, 2].map((at) => optionsOfPod(at).id)).toEqual([1, 2, 3])
  expect(optionsOfPod(0).peers.map(({ host }) => host)).toEqual(Array.from({ length: set.replicas }, (_, at) => `nacos-${at}.${set.serviceName}`))
})

it('ports of the container are those of the nodes', () => {
  const [peer] = optionsOfPod(0).peers
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))
  expect(ports).toEqual({ http: peer?.httpPort, grpc: peer?.grpcPort, raft: peer?.raftPort })
})

it('figures are scraped where a node has them', () => {
  expect(set.template.metadata.annotations).toEqual({
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '8848',
    'prometheus.io/path': '/nacos/actuator/prometheus',
  })
})

it('probes ask what a node answers to anybody, under a name that it has', () => {
  const health = '/nacos/v1/console/health'
  const paths = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet.path)
  expect(paths).toEqual([`${health}/liveness`, `${health}/liveness`, `${health}/readiness`])
  for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe])
    expect(httpGet.httpHeaders).toEqual([{ name: 'Host', value: 'localhost' }])
})

it('callers in the cluster may use the names of the services and the address of the pod', () => {
  expect(optionsOfPod(2).allowedHosts).toEqual(
    expect.arrayContaining(['nacos', '10.1.0.2', 'nacos.shop', '*.shop', '*.svc', '*.svc.cluster.local', 'nacos-2.nacos-headless']),
  )
})

it('one pod may be away at a time, and every object means these pods', () => {
  const budget = named('PodDisruptionBudget', 'nacos').spec as {
    readonly maxUnavailable: number
    readonly selector: { readonly matchLabels: object }
  }
  expect([budget.maxUnavailable, budget.selector.matchLabels]).toEqual([1, set.template.metadata.labels])
  for (const name of ['nacos', set.serviceName])
    expect((named('Service', name).spec as { readonly selector: object }).selector).toEqual(set.selector.matchLabels)
})

it('the secret as it is shipped opens nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nacos-trio-deploy-'))
  try {
    const [secret] = read('secret.yaml')
    writeFileSync(join(folder, 'secret'), secret?.stringData?.['cluster-secret'] ?? '')
    const options = { ...optionsOfPod(0), dataDir: folder, secretFile: join(folder, 'secret') }
    expect(() => settleIdentity(options, () => '')).toThrow('must hold 64 hex digits')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/**
 * Who administers the cluster: namespaces and what stands in them, users, roles and permissions, gray versions, capacities; at any node and under all faults.
 * Judged like any client's write, and what comes of it by models of its own.
 */

import { createHash } from 'node:crypto'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import { encodeAccountCommand } from '../../src-node/state-machine/areas/account-codec.ts'
import type { AccountCommand } from '../../src-node/state-machine/areas/account-words.ts'
import { encodeCapacity } from '../../src-node/state-machine/areas/capacity-area.ts'
import type { PutCapacity } from '../../src-node/state-machine/areas/capacity-words.ts'
import { encodeGray } from '../../src-node/state-machine/areas/gray-codec.ts'
import type { GrayCommand } from '../../src-node/state-machine/areas/gray-words.ts'
import { encodeNamespaceCommand } from '../../src-node/state-machine/areas/namespace-area.ts'
import type { NamespaceCommand } from '../../src-node/state-machine/areas/namespace-words.ts'
import { encodeNaming } from '../../src-node/state-machine/areas/naming-codec.ts'
import type { NamingCommand } from '../../src-node/state-machine/areas/naming-words.ts'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import type { Command } from '../../src-node/state-machine/types.ts'
import type { Cluster } from './cluster.ts'
import { grayDataIds, names, namespaceOf } from './judge/areas-judge.ts'
import { memberNodes } from './reconfiguration.ts'
import type { Dice } from './world.ts'

const slackMs = 20
/** More than a configuration may have. */
const tagsMax = 12
const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

const drawNamespace = (dice: Dice, mark: string): NamespaceCommand => {
  const id = dice.pick(names.namespaces)
  if (dice.chance(0.4)) return { kind: 'delete-namespace', id }
  return { kind: dice.pick(['create-namespace', 'create-namespace', 'update-namespace']), id, showName: id, description: mark }
}

/** What a namespace cannot go with: it comes and goes all the time. */
const drawConfig = (dice: Dice, mark: string): Command => {
  const namespace = dice.pick(names.namespaces)
  const common = { namespace, group: 'G', dataId: `${namespace} key`, expectedMd5: null, sourceIp: mark, sourceUser: '' }
  if (dice.chance(0.6)) return { kind: 'delete-config', ...common }
  const content = new TextEncoder().encode(`administered ${mark}`)
  return {
    kind: 'publish-config',
    ...common,
    content,
    md5: md5Of(content),
    type: 'text',
    appName: '',
    description: '',
    tags: [],
    encryptedDataKey: '',
  }
}
const drawService = (dice: Dice, mark: string): NamingCommand => {
  const namespace = dice.pick(names.namespaces)
  const service = { namespace, group: 'G', name: `${namespace} s` }
  const address = { ip: '10.4.0.1', port: 1 }
  const drawn = dice.float(0, 1)
  if (drawn < 0.35) return { kind: 'sweep-services', services: [service, { ...service, name: `${namespace} ${mark}` }] }
  if (drawn < 0.7) return { kind: 'deregister-instance', service, ephemeral: false, ...address }
  const instance = { ...address, cluster: 'DEFAULT', weight: 1, enabled: true, healthy: true, metadata: { mark } }
  return { kind: 'register-instance', service, ephemeral: false, ifAbsent: false, instance }
}

const drawAccount = (dice: Dice, mark: string): AccountCommand => {
  const [name, role] = [dice.pick(names.users), dice.pick([...names.roles, 'r1', 'r2'])]
  const kind = dice.pick([
    'create-user',
    'set-password',
    'delete-user',
    'add-role',
    'add-role',
    'drop-role',
    'permission',
    'permission',
    'init-admin',
  ])
  if (kind === 'create-user' || kind === 'set-password' || kind === 'init-admin') return { kind, name, passwordHash: `hash ${mark}` }
  if (kind === 'delete-user') return { kind, name }
  if (kind === 'add-role') return { kind, role, name }
  if (kind === 'drop-role') return { kind, role, name: dice.chance(0.3) ? '' : name }
  const of = { role, resource: dice.pick(['n1:*:*', '*:G:config/*']), action: dice.pick(['r', 'w', 'rw']) }
  return { kind: dice.chance(0.7) ? 'add-permission' : 'drop-permission', ...of }
}

const drawGray = (dice: Dice, mark: string, expectedMd5: string | null): GrayCommand => {
  // A namespace that always holds one never goes.
  const dataId = dice.chance(0.7) ? grayDataIds[0] : dice.pick(grayDataIds)
  const tag = `${dice.between(1, dataId === grayDataIds[0] ? tagsMax : 1)}`
  const isBeta = dice.chance(0.1)
  const key = { namespace: namespaceOf(dataId), group: 'G', dataId, grayName: isBeta ? 'beta' : `tag_${tag}`, sourceIp: mark, sourceUser: '' }
  if (dice.chance(dataId === grayDataIds[0] ? 0.2 : 0.6)) return { kind: 'remove-gray', ...key }
  const content = new TextEncoder().encode(`gray ${mark}`)
  const rule = isBeta ? ({ type: 'beta', expr: `10.0.0.${tag}` } as const) : ({ type: 'tag', expr: tag } as const)
  return { kind: 'publish-gray', ...key, rule, content, md5: md5Of(content), expectedMd5, type: 'text', appName: '', encryptedDataKey: '' }
}

const drawCapacity = (dice: Dice, mark: number): PutCapacity => ({
  kind: 'put-capacity',
  scope: dice.pick(['group', 'tenant']),
  name: dice.pick(names.capacities),
  limits: dice.chance(0.5) ? { quota: mark } : { maxSize: mark },
})

/** One thing after another, until the safety phase ends. Lives over a shared database have none of it yet, nor those whose snapshots are restored. */
export function startAdministrators(cluster: Cluster): void {
  const { world, dials, judge, administratorDice: dice } = cluster
  if (dials.areasMs === 0 || cluster.database !== null || dials.snapshotMs > 0) return
  const options = { ...driverDefaults, ...dials.options }
  const answerMs = Math.max(options.leaderWaitMs, options.writeTimeoutMs) + options.expiryMs + 2 * options.tickMs
  let marks = 0
  let lastMd5 = ''

  const meant = <C extends Parameters<typeof judge.onMeantArea>[1]>(command: C, payload: Uint8Array): Uint8Array => {
    world.trace(() => `administrator: ${command.kind} ${marks}`)
    judge.onMeantArea(payload, command)
    return payload
  }
  const draw = (): Uint8Array => {
    const mark = `${++marks}`
    const drawn = dice.float(0, 1)
    if (drawn < 0.25) {
      const command = drawNamespace(dice, mark)
      return meant(command, encodeNamespaceCommand(command))
    }
    if (drawn < 0.35) {
      const command = drawConfig(dice, mark)
      const payload = encodeCommand(command)
      judge.onMeant(payload, command)
      return payload
    }
    if (drawn < 0.45) return encodeNaming(drawService(dice, mark))
    if (drawn < 0.7) {
      const command = drawAccount(dice, mark)
      return meant(command, encodeAccountCommand(command))
    }
    if (drawn < 0.9) {
      const command = drawGray(dice, mark, dice.chance(0.2) ? lastMd5 : null)
      if (command.kind === 'publish-gray') lastMd5 = command.md5
      return meant(command, encodeGray(command))
    }
    const command = drawCapacity(dice, marks)
    return meant(command, encodeCapacity(command))
  }
  const later = () => world.schedule({ label: 'administrators', delayMs: dice.float(0, dials.areasMs * 2), node: 0, run: 0, act })
  const act = () => {
    if (!cluster.safety) return
    later()
    const node = dice.pick(memberNodes(cluster))
    const { driver } = node
    if (driver === null) return
    const payload = draw()
    // Some say the same in the same bytes as others did before.
    const attempt = judge.begin(payload, { repeatable: true, node: node.id, run: node.run, dueMs: world.now() + answerMs / node.rate + slackMs })
    cluster.guarded(node, () => driver.write(payload, (outcome) => judge.end(attempt, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)))
  }
  later()
}

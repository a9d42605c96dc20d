/**
 * What namespaces, accounts, gray versions and capacities become by the committed commands, written a second time and as plainly as it can be. It takes
 * commands as they were meant, never the bytes, and asks of configurations and services only whether there are any.
 */

import type { AccountCommand, AccountRefusal, PermissionRow } from '../../../src-node/state-machine/areas/account-words.ts'
import type { CapacityLimits, CapacityRow, PutCapacity } from '../../../src-node/state-machine/areas/capacity-words.ts'
import { type GrayCommand, grayVersionsMax, type PublishGray } from '../../../src-node/state-machine/areas/gray-words.ts'
import type { NamespaceCommand } from '../../../src-node/state-machine/areas/namespace-words.ts'
import type { Reply } from '../../../src-node/state-machine/types.ts'
import type { ModelHistory } from './service-model.ts'

export type AreaCommand = NamespaceCommand | AccountCommand | GrayCommand | PutCapacity

export interface Moment {
  readonly index: number
  readonly timeMs: number
}

export interface AreaStepped {
  readonly reply: Reply
  readonly history?: ModelHistory
  /** dataId whose clients must hear of it. */
  readonly tells?: string
}

/** What else there is. */
export interface Besides {
  hasConfigs(namespace: string): boolean
  hasServices(namespace: string): boolean
}

interface ModelUser {
  readonly name: string
  readonly hash: string
  readonly roles: readonly string[]
}
interface ModelGray extends Moment {
  readonly of: PublishGray
  readonly id: number
  readonly createdMs: number
}
interface ModelNamespace {
  readonly id: string
  readonly words: string
  readonly createdMs: number
  readonly modifiedMs: number
}

export interface AreasModel {
  take(command: AreaCommand, at: Moment): AreaStepped
  /** All of it as it was after that entry, a line each. */
  textAt(index: number): string
}

const admin = 'ROLE_ADMIN'

export const namespaceLine = (id: string, words: string, createdMs: number, modifiedMs: number): string =>
  `namespace ${id} "${words}" ${createdMs} ${modifiedMs}`
export const userLine = (name: string, hash: string, roles: readonly string[]): string => `user ${name} ${hash} is ${roles.join(', ')}`
export const permissionLine = ({ role, resource, action }: PermissionRow): string => `permission ${role} ${resource} ${action}`
export const grayLine = (
  dataId: string,
  grayName: string,
  of: { readonly md5: string; readonly rule: { readonly expr: string } } & Moment,
  id: number,
): string => `gray ${dataId} ${grayName} ${of.rule.expr} ${of.md5} of ${id} at ${of.index}, ${of.timeMs}`
export const capacityLine = ({ scope, name, id, quota, maxSize, createdMs, modifiedMs }: CapacityRow): string =>
  `capacity ${scope} ${name} ${id} ${quota} ${maxSize} ${createdMs} ${modifiedMs}`

export function createAreasModel(besides: Besides): AreasModel {
  let namespaces: readonly ModelNamespace[] = []
  let users: readonly ModelUser[] = []
  let permissions: readonly PermissionRow[] = []
  let grays: readonly ModelGray[] = []
  let capacities: readonly CapacityRow[] = []
  const texts: { readonly index: number; readonly text: string }[] = []

  const text = () =>
    [
      ...namespaces.map(({ id, words, createdMs, modifiedMs }) => namespaceLine(id, words, createdMs, modifiedMs)),
      ...users.map(({ name, hash, roles }) => userLine(name, hash, roles)),
      ...permissions.map(permissionLine),
      ...grays.map(({ of, id, index, timeMs }) => grayLine(of.dataId, of.grayName, { ...of, index, timeMs }, id)),
      ...capacities.map(capacityLine),
    ]
      .toSorted()
      .join('\n')

  const namespaceStep = (command: NamespaceCommand, { index, timeMs }: Moment): Reply => {
    const now = namespaces.find(({ id }) => id === command.id)
    const others = namespaces.filter((each) => each !== now)
    const done = { kind: 'namespace-done', index } as const
    const refused = (why: Extract<Reply, { kind: 'namespace-refused' }>['why']) => ({ kind: 'namespace-refused', why }) as const
    if (command.kind === 'create-namespace' && now !== undefined) return refused('namespace-exists')
    if (command.kind !== 'create-namespace' && now === undefined) return refused('namespace-unknown')
    if (command.kind === 'delete-namespace') {
      if (besides.hasConfigs(command.id) || grays.some(({ of }) => of.namespace === command.id)) return refused('namespace-holds-configs')
      if (besides.hasServices(command.id)) return refused('namespace-holds-services')
      namespaces = others
      return done
    }
    const words = `${command.showName}, ${command.description}`
    namespaces = [...others, { id: command.id, words, createdMs: now?.createdMs ?? timeMs, modifiedMs: timeMs }]
    return done
  }

  const has = (role: string) => users.some(({ roles }) => roles.includes(role))
  const put = (user: ModelUser) => {
    users = [...users.filter(({ name }) => name !== user.name), user]
  }
  const accountRefusal = (command: AccountCommand): AccountRefusal | null => {
    const user = 'name' in command ? users.find(({ name }) => name === command.name) : undefined
    switch (command.kind) {
      case 'create-user':
        return user === undefined ? null : 'user-exists'
      case 'set-password':
        return user === undefined ? 'user-unknown' : null
      case 'delete-user':
        return user?.roles.includes(admin) === true ? 'user-is-admin' : null
      case 'init-admin':
        return has(admin) ? 'admin-exists' : null
      case 'add-role':
        if (command.role === admin) return 'role-is-admin'
        if (user === undefined) return 'user-unknown'
        return user.roles.includes(command.role) ? 'role-bound' : null
      case 'drop-role':
        return command.role === admin ? 'role-is-admin' : null
      case 'add-permission':
        return has(command.role) ? null : 'role-unknown'
      case 'drop-permission':
        return null
    }
  }
  const changeAccounts = (command: AccountCommand) => {
    const user = users.find((each) => 'name' in command && each.name === command.name)
    if (command.kind === 'create-user') put({ name: command.name, hash: command.passwordHash, roles: [] })
    if (command.kind === 'set-password') put({ ...user!, hash: command.passwordHash })
    if (command.kind === 'init-admin') put({ name: command.name, hash: command.passwordHash, roles: [...(user?.roles ?? []), admin] })
    if (command.kind === 'add-role') put({ ...user!, roles: [...user!.roles, command.role] })
    if (command.kind === 'delete-user') users = users.filter((each) => each !== user)
    if (command.kind === 'drop-role') {
      const isMeant = (name: string) => command.name === '' || command.name === name
      users = users.map((each) => (isMeant(each.name) ? { ...each, roles: each.roles.filter((role) => role !== command.role) } : each))
    }
    if (command.kind === 'add-permission' || command.kind === 'drop-permission') {
      const { role, resource, action } = command
      const line = permissionLine(command)
      permissions = permissions.filter((each) => permissionLine(each) !== line)
      if (command.kind === 'add-permission') permissions = [...permissions, { role, resource, action }]
    }
    // A role is there as long as somebody has it.
    permissions = permissions.filter(({ role }) => has(role))
  }

  const grayStep = (command: GrayCommand, { index, timeMs }: Moment): AreaStepped => {
    const { dataId, grayName } = command
    const ofConfig = grays.filter(({ of }) => of.dataId === dataId)
    const now = ofConfig.find(({ of }) => of.grayName === grayName)
    const history = (operation: 'I' | 'U' | 'D', md5: string) => ({ dataId, operation, md5, atMs: timeMs, index, grayName })
    const reply = { kind: 'gray-done', index, existed: now !== undefined } as const
    if (command.kind === 'remove-gray') {
      if (now === undefined) return { reply }
      grays = grays.filter((each) => each !== now)
      return { reply, history: history('D', now.of.md5), tells: dataId }
    }
    const currentMd5 = now?.of.md5 ?? ''
    if (command.expectedMd5 !== null && command.expectedMd5 !== currentMd5) return { reply: { kind: 'cas-conflict', currentMd5 } }
    if (now === undefined && ofConfig.length >= grayVersionsMax) return { reply: { kind: 'gray-too-many', versionsMax: grayVersionsMax } }
    const next = { of: command, id: now?.id ?? index, createdMs: now?.createdMs ?? timeMs, index, timeMs }
    grays = [...grays.filter((each) => each !== now), next]
    return { reply, history: now === undefined ? history('I', command.md5) : history('U', currentMd5), tells: dataId }
  }

  const capacityStep = ({ scope, name, limits }: PutCapacity, { index, timeMs }: Moment): Reply => {
    const now = capacities.find((each) => each.scope === scope && each.name === name)
    const none: CapacityLimits = { quota: 0, maxSize: 0, maxAggrCount: 0, maxAggrSize: 0 }
    const next = { ...none, ...now, ...limits, scope, name, id: now?.id ?? index, createdMs: now?.createdMs ?? timeMs, modifiedMs: timeMs }
    capacities = [...capacities.filter((each) => each !== now), next]
    return { kind: 'capacity-done', index }
  }

  const step = (command: AreaCommand, at: Moment): AreaStepped => {
    switch (command.kind) {
      case 'create-namespace':
      case 'update-namespace':
      case 'delete-namespace':
        return { reply: namespaceStep(command, at) }
      case 'publish-gray':
      case 'remove-gray':
        return grayStep(command, at)
      case 'put-capacity':
        return { reply: capacityStep(command, at) }
      default: {
        const why = accountRefusal(command)
        if (why !== null) return { reply: { kind: 'account-refused', why } }
        changeAccounts(command)
        return { reply: { kind: 'account-done', index: at.index } }
      }
    }
  }

  return {
    take(command, at) {
      const stepped = step(command, at)
      texts.push({ index: at.index, text: text() })
      return stepped
    },
    textAt: (index) => texts.findLast((each) => each.index <= index)?.text ?? '',
  }
}

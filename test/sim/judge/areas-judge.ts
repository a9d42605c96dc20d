/** Namespaces, accounts, gray versions and capacities on every node, against the model (24), and the guards that no race may break. */

import type { Effect, StateMachine } from '../../../src-node/state-machine/types.ts'
import {
  type AreaCommand,
  type AreaStepped,
  type Besides,
  capacityLine,
  createAreasModel,
  grayLine,
  type Moment,
  namespaceLine,
  permissionLine,
  userLine,
} from './areas-model.ts'
import type { Facts } from './facts.ts'

/** Everything that simulated administrators name: an area may have no list to walk. */
export const names = {
  namespaces: ['n1', 'n2'],
  users: ['u1', 'u2', 'u3'],
  roles: ['r1', 'r2', 'ROLE_ADMIN'],
  capacities: ['n1', 'G'],
} as const

/** dataIds and services of a namespace begin with its name. */
export const namespaceOf = (dataId: string): string => names.namespaces.find((id) => dataId.startsWith(`${id} `)) ?? ''
/** Those that gray versions are made of. */
export const grayDataIds = ['key 1', ...names.namespaces.map((id) => `${id} key`)] as const

const textOf = (machine: StateMachine): string => {
  const { namespaces, accounts, gray, capacities } = machine.areas()
  return [
    ...[...namespaces.all()].map(({ id, showName, description, createdMs, modifiedMs }) =>
      namespaceLine(id, `${showName}, ${description}`, createdMs, modifiedMs),
    ),
    ...[...accounts.users()].map(({ name, passwordHash, roles }) => userLine(name, passwordHash, roles)),
    ...[...accounts.permissions()].flat().map(permissionLine),
    ...grayDataIds.flatMap((dataId) =>
      gray
        .of({ namespace: namespaceOf(dataId), group: 'G', dataId })
        .map((row) => grayLine(dataId, row.grayName, { ...row, timeMs: row.modifiedMs }, row.id)),
    ),
    ...names.capacities.flatMap((name) => (['group', 'tenant'] as const).flatMap((scope) => capacities.find(scope, name) ?? []).map(capacityLine)),
  ]
    .toSorted()
    .join('\n')
}

export function createAreasJudge({ world, fail }: Facts, besides: Besides) {
  const model = createAreasModel(besides)
  /** By the index at which it went. */
  const gone = new Map<number, string>()
  let adminSince = Number.POSITIVE_INFINITY
  /** Whose clients must hear of which entry; by node: up to which all have heard, and what they have heard since. */
  const tellings: { readonly index: number; readonly dataId: string }[] = []
  const heard = new Map<number, { upTo: number; since: Set<string> }>()

  const check = (node: number, machine: StateMachine, index: number, what: string) => {
    const [is, should] = [textOf(machine), model.textAt(index)]
    if (is !== should) fail(`24: node ${node} ${what} at ${index}\n${is}\nnot\n${should}`)
    if (index >= adminSince && !machine.areas().accounts.hasAdministrator())
      fail(`the last administrator is gone from node ${node} at ${index}; there has been one since ${adminSince}`)
  }

  return {
    take(command: AreaCommand, at: Moment): AreaStepped {
      const stepped = model.take(command, at)
      const { reply, tells } = stepped
      if (tells !== undefined) tellings.push({ index: at.index, dataId: tells })
      const isDone = 'index' in reply
      world.mark(`areas/${command.kind}${isDone ? '' : `: ${'why' in reply ? reply.why : reply.kind}`}`)
      if (isDone && command.kind === 'init-admin') adminSince = Math.min(adminSince, at.index)
      if (isDone && command.kind === 'delete-namespace') gone.set(at.index, command.id)
      return stepped
    },
    /** A run that ends with one of these commands at `index`. */
    served(node: number, machine: StateMachine, index: number) {
      check(node, machine, index, 'has')
      const id = gone.get(index)
      if (id === undefined) return
      for (const { namespace, dataId } of machine.all()) if (namespace === id) fail(`namespace ${id} went from node ${node} with ${dataId} in it`)
      for (const { key } of machine.areas().naming.services())
        if (key.namespace === id) fail(`namespace ${id} went from node ${node} with service ${key.name} in it`)
    },
    listen: (node: number, index: number) => void heard.set(node, { upTo: index, since: new Set() }),
    effects(node: number, effects: readonly Effect[]) {
      for (const effect of effects) {
        if (effect.kind !== 'gray-changed') continue
        heard.get(node)!.since.add(`${effect.index} ${effect.dataId}`)
        world.mark('areas/gray-told')
      }
    },
    told(node: number, appliedIndex: number) {
      const { upTo, since } = heard.get(node)!
      if (tellings.length === 0 || upTo >= appliedIndex) return
      const due = new Set(tellings.flatMap(({ index, dataId }) => (index > upTo && index <= appliedIndex ? [`${index} ${dataId}`] : [])))
      for (const each of due) if (!since.has(each)) fail(`25: listeners of gray versions at node ${node} have not heard of ${each}`)
      for (const each of since) if (!due.has(each)) fail(`25: listeners of gray versions at node ${node} hear of ${each}, where nothing changed`)
      heard.set(node, { upTo: appliedIndex, since: new Set() })
    },
    loaded: (node: number, machine: StateMachine) => check(node, machine, machine.meta().appliedIndex, 'loads'),
  }
}

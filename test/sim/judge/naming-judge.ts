/** Services and instances on every node, against the model (24), and what their subscribers hear (25). */

import { decodeNaming } from '../../../src-node/state-machine/areas/naming-codec.ts'
import type { NamingCommand } from '../../../src-node/state-machine/areas/naming-words.ts'
import { serviceChangesOf } from '../../../src-node/state-machine/effect-kinds.ts'
import type { Effect, StateMachine } from '../../../src-node/state-machine/types.ts'
import type { Facts } from './facts.ts'
import { createNamingModel, instanceLine, ownerWord, serviceLine, serviceWord } from './naming-model.ts'
import { aboutLine, keptLine, overrideLine, switchLine } from './operators-model.ts'

/** Null: it is none of naming. */
export const namingIn = (payload: Uint8Array | null): NamingCommand | null => (payload === null ? null : decodeNaming(payload))

const textOf = (machine: StateMachine): string => {
  const { naming } = machine.areas()
  const lines: string[] = []
  const besides = [
    keptLine(naming.keptOverrides(), naming.keptServices()),
    ...[...naming.switches()].map(([entry, value]) => switchLine(entry, value)),
  ]
  for (const { key, ephemeral, instances, spec, clusters } of naming.services()) {
    const name = serviceWord(key)
    const rows = [...instances.values()]
    const shown = rows.map((row) => instanceLine(row, ownerWord(row.owner), row.index, row.healthy))
    lines.push(serviceLine(name, ephemeral, shown))
    if (spec !== null || clusters.size > 0) besides.push(aboutLine(name, spec, clusters))
    for (const { ip, port, cluster, override } of rows) if (override !== null) besides.push(overrideLine(name, `${ip} ${port} ${cluster}`, override))
  }
  return `${lines.toSorted().join('\n')}\n${besides.toSorted().join('\n')}`
}

export function createNamingJudge({ world, fail }: Facts) {
  const model = createNamingModel()
  /** By node: up to which entry all was told, and what was told of those after it. */
  const heard = new Map<number, { upTo: number; since: Set<string> }>()
  /** By node: services that a restore has changed there, and its subscribers have not heard. */
  const owed = new Map<number, Set<string>>()

  const check = (node: number, machine: StateMachine, index: number, what: string) => {
    const [is, should] = [textOf(machine), model.textAt(index)]
    if (is !== should) fail(`24: node ${node} ${what} at ${index} the services\n${is}\nnot\n${should}`)
  }

  return {
    take: model.take,
    keep: model.keep,
    bringBack: (target: number, index: number) => {
      const besides = model.bringBack(target, index)
      for (const what of ['brought', 'removed', 'left'] as const) if (besides[what] > 0) world.mark(`named-snapshot/services-${what}`)
      return besides
    },
    restored: (node: number, index: number) => {
      for (const name of model.restoredAt(index)) owed.get(node)!.add(name)
    },
    restoreEffects(node: number, effects: readonly Effect[]) {
      for (const service of serviceChangesOf(effects)) {
        owed.get(node)!.delete(serviceWord(service))
        world.mark('naming/told-by-restore')
      }
    },
    rest(node: number) {
      const open = [...(owed.get(node) ?? [])]
      if (open.length > 0) fail(`25: subscribers at node ${node} have never heard that ${open} was restored`)
    },
    registration: model.registration,
    holds: model.holds,
    /** A run with a command of naming in it is applied, up to `index`. */
    served(node: number, machine: StateMachine, index: number) {
      check(node, machine, index, 'has')
      world.mark('naming/applied')
    },
    loaded(node: number, machine: StateMachine) {
      check(node, machine, machine.meta().appliedIndex, 'loads')
    },
    /** Its subscribers know all up to that entry. */
    listen: (node: number, index: number) => {
      heard.set(node, { upTo: index, since: new Set() })
      if (!owed.has(node)) owed.set(node, new Set())
    },
    /** It starts anew. */
    forget: (node: number) => void owed.delete(node),
    effects(node: number, effects: readonly Effect[]) {
      for (const { index, ...service } of serviceChangesOf(effects)) {
        heard.get(node)!.since.add(`${index} ${serviceWord(service)}`)
        world.mark('naming/told')
      }
    },
    told(node: number, appliedIndex: number) {
      const { upTo, since } = heard.get(node)!
      if (upTo >= appliedIndex) return
      const due = new Set(model.toldBetween(upTo, appliedIndex).map(({ index, name }) => `${index} ${name}`))
      for (const each of due) if (!since.has(each)) fail(`25: subscribers at node ${node} have not heard of ${each}`)
      for (const each of since) if (!due.has(each)) fail(`25: subscribers at node ${node} hear of ${each}, where nothing changed`)
      heard.set(node, { upTo: appliedIndex, since: new Set() })
    },
  }
}

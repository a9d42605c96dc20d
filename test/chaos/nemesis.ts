/**
 * What befalls a cluster in one round: drawn from a seed before the round begins, so that the seed says it all but who leads at the moment. Each
 * nemesis is a few lines typed into the headless cluster (`transfer ID` goes to a node instead), a time to last, and the lines that end it.
 */

import type { Dice } from '../sim/world.ts'

/** Nodes as a plan names them: the roles are looked up when the nemesis strikes. */
export type Target = 'leader' | 'follower' | 'any'

export interface Strike {
  readonly name: string
  /** Since the beginning of the round. */
  readonly atMs: number
  readonly lastsMs: number
  readonly target: Target
  /** Lines for the node that was found, `id`, and the others. */
  begin(id: number, others: readonly number[]): readonly string[]
  end(id: number, others: readonly number[]): readonly string[]
  /** Processes that end by it. */
  kills(id: number, others: readonly number[]): readonly number[]
}

export interface Plan {
  readonly strikes: readonly Strike[]
  /** Two nemeses at once. */
  readonly overlaps: boolean
  readonly lengthMs: number
}

type Lines = (id: number, others: readonly number[]) => readonly string[]
type Draft = Partial<Pick<Strike, 'target' | 'kills'>> & {
  readonly name: string
  readonly begin: Lines
  readonly end?: Lines
  readonly lastsMs?: number
}

const none: Lines = () => []
const round = (value: number): number => Math.round(value)

/** `line` for the way from the node to each other one. */
const toOthers =
  (line: (id: number, other: number) => string): Lines =>
  (id, others) =>
    others.map((other) => line(id, other))
const backAndForth: Lines = (id, others) => others.map((other) => `fault mend ${id} ${other}`)

/** Every node drops what it hears from the one before it: each still hears somebody, none the same. */
const ringOf = (verb: (from: number, to: number) => string): Lines => {
  return (id, others) => {
    const all = [id, ...others]
    return all.map((from, at) => verb(from, all[(at + 1) % all.length] ?? id))
  }
}

const drawTarget = (dice: Dice): Target => dice.pick(['leader', 'follower', 'any'])

const kinds: readonly ((dice: Dice) => Draft)[] = [
  () => ({ name: 'kill leader', target: 'leader', begin: (id) => [`kill ${id}`], kills: (id) => [id] }),
  () => ({ name: 'kill follower', target: 'follower', begin: (id) => [`kill ${id}`], kills: (id) => [id] }),
  () => ({ name: 'kill all', begin: () => ['kill all'], kills: (id, others) => [id, ...others] }),
  (dice) => {
    const ms = round(dice.float(100, 5_000))
    const target = drawTarget(dice)
    return { name: `pause ${target} ${ms} ms`, target, begin: (id) => [`pause ${id} ${ms}`], lastsMs: ms }
  },
  () => ({ name: 'transfer', target: 'follower', begin: (id) => [`transfer ${id}`] }),
  () => ({ name: 'cut one line', begin: (id, [other]) => [`fault cut ${id} ${other}`], end: (id, [other]) => [`fault mend ${id} ${other}`] }),
  () => ({ name: 'leader alone', target: 'leader', begin: (id) => [`fault isolate ${id}`], end: backAndForth }),
  () => ({ name: 'follower alone', target: 'follower', begin: (id) => [`fault isolate ${id}`], end: backAndForth }),
  () => ({ name: 'leader deaf', target: 'leader', begin: toOthers((id, other) => `fault cut-from ${other} ${id}`), end: backAndForth }),
  () => ({ name: 'leader mute', target: 'leader', begin: toOthers((id, other) => `fault cut-from ${id} ${other}`), end: backAndForth }),
  () => ({ name: 'one way', begin: (id, [other]) => [`fault cut-from ${id} ${other}`], end: (id, [other]) => [`fault mend ${id} ${other}`] }),
  () => ({
    name: 'ring',
    begin: ringOf((from, to) => `fault cut-from ${from} ${to}`),
    end: ringOf((from, to) => `fault mend ${from} ${to}`),
  }),
  (dice) => {
    const [ms, jitter, target] = [round(dice.float(5, 500)), round(dice.float(0, 50)), drawTarget(dice)]
    return {
      ...{ name: `delay ${ms}+${jitter} ms around ${target}`, target },
      begin: toOthers((id, other) => `fault delay ${id} ${other} ${ms} ${jitter}`),
      end: toOthers((id, other) => `fault delay ${id} ${other} 0`),
    }
  },
  (dice) => {
    const [percent, target] = [round(dice.float(1, 30)), drawTarget(dice)]
    return {
      ...{ name: `loss ${percent} % around ${target}`, target },
      begin: toOthers((id, other) => `fault loss ${id} ${other} ${percent}`),
      end: toOthers((id, other) => `fault loss ${id} ${other} 0`),
    }
  },
  (dice) => {
    const [ms, disk, target] = [round(dice.float(5, 400)), dice.pick(['log', 'state']), drawTarget(dice)]
    return {
      ...{ name: `${disk} disk of ${target} ${ms} ms slow`, target },
      begin: (id) => [`fault disk-slow ${id} ${disk} ${ms}`],
      end: (id) => [`fault disk-slow ${id} ${disk} 0`],
    }
  },
  (dice) => {
    const [disk, target] = [dice.pick(['log', 'state']), drawTarget(dice)]
    return {
      ...{ name: `${disk} disk of ${target} full`, target },
      begin: (id) => [`fault disk-full ${id} ${disk} on`],
      end: (id) => [`fault disk-full ${id} ${disk} off`],
    }
  },
  (dice) => {
    const [hours, target] = [dice.pick([-8_784, -1, 1, 8_784]), drawTarget(dice)]
    return {
      ...{ name: `clock of ${target} ${hours} h off`, target },
      begin: (id) => [`fault clock ${id} ${hours * 3_600_000}`],
      end: (id) => [`fault clock ${id} 0`],
    }
  },
]

const strikeOf = (draft: Draft, atMs: number, lastsMs: number): Strike => ({
  ...{ target: 'any', kills: () => [], end: none },
  ...draft,
  ...{ atMs, lastsMs: draft.lastsMs ?? lastsMs },
})

/** One after another with quiet between them; in a third of the plans two at a time, the second in the middle of the first. */
export const drawPlan = (dice: Dice, lengthMs: number): Plan => {
  const overlaps = dice.chance(1 / 3)
  const strikes: Strike[] = []
  for (let atMs = dice.float(300, 1_200); atMs < lengthMs; ) {
    const first = strikeOf(dice.pick(kinds)(dice), round(atMs), round(dice.float(400, 3_500)))
    strikes.push(first)
    let endMs = first.atMs + first.lastsMs
    if (overlaps) {
      const second = strikeOf(dice.pick(kinds)(dice), round(atMs + first.lastsMs * dice.float(0.1, 0.9)), round(dice.float(400, 3_500)))
      strikes.push(second)
      endMs = Math.max(endMs, second.atMs + second.lastsMs)
    }
    atMs = endMs + dice.float(300, 2_000)
  }
  return { strikes, overlaps, lengthMs }
}

/** The suite of clients: every cell of the table that says `does` is a test, against three real nodes of which each is killed once. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreedState } from '../../support/agreement.ts'
import { configActions, hearsAgain } from './config-actions.ts'
import { type Fading, watchFading } from './fading.ts'
import { killInTurn, type Problems, problemsOfAll } from './kills.ts'
import type { Command } from './program.ts'
import { featuresOf, type Scene, type Subject, startScene } from './scene.ts'
import { isThereAgain, serviceActions } from './service-actions.ts'
import { type Action, actionNames, type ClientRow, cellOf, served } from './table.ts'
import { knockAtTheDoor, type WithAuth } from './with-auth.ts'

const startLimitMs = 240_000

/** @param commandOf how a client's program is started; it may be built for it */
export const clientSuite = (clients: readonly ClientRow[], commandOf: (name: string) => Promise<Command>): void => {
  const does = (action: Action): readonly ClientRow[] => clients.filter((row) => cellOf(row, action).kind === 'does')
  const busy = clients.filter((row) => actionNames.some((action) => cellOf(row, action).kind === 'does'))
  const alone = { ...configActions, ...serviceActions }
  let scene: Scene | undefined
  const subjects = new Map<string, Subject>()
  const running = (): Scene => {
    if (scene === undefined) throw new Error('the cluster did not start')
    return scene
  }
  const subject = (name: string): Subject => {
    const found = subjects.get(name)
    if (found === undefined) throw new Error(`${name} did not start`)
    return found
  }
  const subjectsOf = (action: Action): readonly Subject[] => does(action).map(({ name }) => subject(name))

  beforeAll(async () => {
    scene = await startScene()
    for (const row of busy) subjects.set(row.name, await scene.client(row, await commandOf(row.name)))
  }, startLimitMs)
  afterAll(() => scene?.end())

  it('find served what the table says, and nothing else', async () => expect(await featuresOf(running())).toEqual(served))

  for (const action of actionNames)
    for (const { name } of does(action)) if (alone[action] !== undefined) it(`${name}: ${action}`, () => alone[action]?.(running(), subject(name)))

  if (does('configs outlive nodes').length > 0)
    describe('while every node is killed in turn, the leader first, and while one of two instances fades afterwards', () => {
      let killed: Readonly<Record<'configs' | 'services', Problems>> | undefined
      let hearing: Problems | undefined
      let there: Problems | undefined
      let fading: Fading | undefined
      beforeAll(async () => {
        const outliving = { configs: subjectsOf('configs outlive nodes'), services: subjectsOf('services outlive nodes') }
        killed = await killInTurn(running(), outliving)
        // All of them wait for limits that are not ours.
        ;[hearing, there, fading] = await Promise.all([
          problemsOfAll(outliving.configs, (each) => hearsAgain(running(), each)),
          problemsOfAll(outliving.services, (each) => isThereAgain(running(), each)),
          watchFading(running(), subjectsOf('health')),
        ])
      }, startLimitMs)
      for (const { name } of does('configs outlive nodes'))
        it(`${name}: configs outlive nodes`, () => expect([killed?.configs.get(name), hearing?.get(name)]).toEqual([[], []]))
      for (const { name } of does('services outlive nodes'))
        it(`${name}: services outlive nodes`, () => expect([killed?.services.get(name), there?.get(name)]).toEqual([[], []]))
      for (const { name } of does('health')) it(`${name}: health`, () => expect(fading?.ill.get(name)).toEqual([]))
      for (const { name } of does('removal')) it(`${name}: removal`, () => expect(fading?.gone.get(name)).toEqual([]))
      it('leave three nodes with one state', async () => expect((await agreedState(running().bases)).stateHash).not.toBe(''))
    })

  // Last: whoever came before has no password.
  const strangers = does('refused without a password')
  const friends = does('works with a password')
  if (friends.length > 0)
    describe('once auth is on', () => {
      let met: WithAuth | undefined
      beforeAll(async () => {
        met = await knockAtTheDoor(running(), { refused: strangers, works: friends, commandOf })
      }, startLimitMs)
      it.each(strangers.map(({ name }) => name))('%s: refused without a password', (name) => expect(met?.refused.get(name)).toEqual([]))
      it.each(friends.map(({ name }) => name))('%s: works with a password', (name) => expect(met?.works.get(name)).toEqual([]))
    })
}

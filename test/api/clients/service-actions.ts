/** What a client does with services, and what must be seen of it at every node. */

import { expect } from 'vitest'
import { send } from '../../support/http.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { isToldName } from './config-actions.ts'
import type { ServiceInstance } from './protocol.ts'
import type { Scene, Subject } from './scene.ts'
import type { Action } from './table.ts'

export const group = 'DEFAULT_GROUP'
/** A client that looks for itself does so every ten seconds, and takes only what it sees the second time if it was pushed to before. */
export const toldLimitMs = 25_000
const seenLimitMs = 5_000

type Run = (scene: Scene, subject: Subject) => Promise<void>

const query = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()

/** By somebody else than the client, over HTTP v1. */
export const registerAt = async (base: string, service: string, instance: ServiceInstance): Promise<void> => {
  const { ip, port, metadata = {}, ephemeral = true } = instance
  const fields = { serviceName: service, ip, port: String(port), metadata: JSON.stringify(metadata), ephemeral: String(ephemeral) }
  await waitUntil(`${service} to be registered`, async () => {
    const answer = await send(base, { method: 'POST', path: `/nacos/v1/ns/instance?${query(fields)}` })
    return answer.status === 200 && answer.text === 'ok'
  })
}

export const instancesAt = async (base: string, service: string): Promise<readonly ServiceInstance[]> => {
  const answer = await send(base, { path: `/nacos/v1/ns/instance/list?${query({ serviceName: service, healthyOnly: 'false' })}` })
  return (JSON.parse(answer.text) as { hosts: readonly ServiceInstance[] }).hosts
}

export const ports = (instances: readonly ServiceInstance[]): string =>
  instances
    .map(({ port }) => port)
    .sort()
    .join(' ')

/** Every one of `bases` lists just these ports. */
export const listedAt = async (bases: readonly string[], service: string, wanted: string, limitMs = seenLimitMs): Promise<void> => {
  for (const base of bases)
    await waitUntil(
      `${base} to list "${wanted}" of ${service}`,
      async () => {
        const listed = ports(await instancesAt(base, service))
        if (listed !== wanted) throw new Error(`it lists "${listed}"`)
        return true
      },
      limitMs,
    )
}

/** Some picture that it was given, from `from` on, has just these ports. */
export const isTold = ({ program }: Subject, service: string, wanted: string, limitMs = toldLimitMs): Promise<unknown> =>
  waitUntil(
    `it to be told "${wanted}" of ${service}`,
    () => {
      const newest = program.pictures(service).at(-1)
      if (newest === undefined) throw new Error('it was told nothing')
      if (ports(newest) !== wanted) throw new Error(`it was told "${ports(newest)}"`)
      return true
    },
    limitMs,
  )

const here = (port: number): ServiceInstance => ({ ip: '127.0.0.1', port, metadata: { zone: 'a' } })

const register: Run = async ({ bases }, { row, program }) => {
  const service = `registered-${row.name}`
  await program.ask('register', { service, group, instance: here(7001) })
  await listedAt(bases, service, '7001')
  for (const base of bases) expect((await instancesAt(base, service))[0]).toMatchObject({ ...here(7001), healthy: true, weight: 1 })
  expect(ports(await program.ask('instances', { service, group }))).toBe('7001')
}

const persist: Run = async ({ bases }, { row, program }) => {
  const service = `persistent-${row.name}`
  const instance = { ...here(7008), ephemeral: false }
  await program.ask('register', { service, group, instance })
  await listedAt(bases, service, '7008')
  for (const base of bases) expect((await instancesAt(base, service))[0]).toMatchObject(instance)
  await program.ask('deregister', { service, group, instance })
  await listedAt(bases, service, '')
}

const deregister: Run = async ({ bases }, { row, program }) => {
  const service = `deregistered-${row.name}`
  await program.ask('register', { service, group, instance: here(7002) })
  await listedAt(bases, service, '7002')
  await program.ask('deregister', { service, group, instance: here(7002) })
  await listedAt(bases, service, '')
}

const batch: Run = async ({ bases }, { row, program }) => {
  const service = `batched-${row.name}`
  await program.ask('batch', { service, group, instances: [here(7003), here(7004), here(7005)] })
  await listedAt(bases, service, '7003 7004 7005')
}

const subscribe: Run = async ({ bases }, subject) => {
  const service = `subscribed-${subject.row.name}`
  await registerAt(bases[0] ?? '', service, here(7006))
  await subject.program.ask('subscribe', { service, group })
  await isTold(subject, service, '7006')
  await registerAt(bases[1] ?? '', service, here(7007))
  await isTold(subject, service, '7006 7007')
}

const declared = async (base: string, method: 'POST' | 'DELETE', serviceName: string): Promise<void> => {
  const answer = await send(base, { method, path: `/nacos/v1/ns/service?${query({ serviceName, groupName: group, ephemeral: 'false' })}` })
  expect(answer.text).toBe('ok')
}

const followServices: Run = async ({ bases }, subject) => {
  const [first, second] = ['first', 'second'].map((word) => `followed-${subject.row.name}-${word}`) as [string, string]
  await declared(bases[0] ?? '', 'POST', first)
  await subject.program.ask('follow services', { service: `followed-${subject.row.name}-*`, group })
  await isToldName(subject, first, true)
  await registerAt(bases[1] ?? '', second, here(7009))
  await isToldName(subject, second, true)
  await declared(bases[2] ?? '', 'DELETE', first)
  await isToldName(subject, first, false)
}

export const serviceActions: Partial<Readonly<Record<Action, Run>>> = {
  ...{ register, persist, deregister, batch, subscribe },
  'follow services': followServices,
}

/** Before nodes die: an instance of its own, and a service that it watches. */
export const prepareToOutlive = async ({ bases }: Scene, subject: Subject): Promise<void> => {
  const { row, program } = subject
  await program.ask('register', { service: `lasting-${row.name}`, group, instance: here(7010) })
  await listedAt(bases, `lasting-${row.name}`, '7010')
  await registerAt(bases[0] ?? '', `watched-${row.name}`, { ...here(7020), ephemeral: false })
  await program.ask('subscribe', { service: `watched-${row.name}`, group })
  await isTold(subject, `watched-${row.name}`, '7020')
}

/**
 * While one is dead: `alive` are the others. Who looks for himself, and not often, is asked about the leader's death only; who takes up again what
 * he had, and not often, is asked once all are back.
 */
export const outlive = async (alive: readonly string[], subject: Subject, turn: number): Promise<void> => {
  const { row } = subject
  if (row.registersAgainMs !== undefined) return
  if (turn === 1 || row.services === 'services over gRPC') {
    const seen = Array.from({ length: turn }, (_, at) => 7021 + at)
    await registerAt(alive[0] ?? '', `watched-${row.name}`, { ...here(7020 + turn), ephemeral: false })
    await isTold(subject, `watched-${row.name}`, ports([7020, ...seen].map(here)))
  }
  // A client whose node died brings it to another one; in between it may be gone for a moment.
  await listedAt(alive, `lasting-${row.name}`, '7010', toldLimitMs)
}

/** Once all nodes are back: by then its instance is there, and it is told again, in its own time. */
export const isThereAgain = async ({ bases }: Scene, subject: Subject): Promise<void> => {
  const { row } = subject
  const service = `watched-${row.name}`
  const limitMs = (row.registersAgainMs ?? 0) + toldLimitMs
  await listedAt(bases, `lasting-${row.name}`, '7010', limitMs)
  await registerAt(bases[0] ?? '', service, { ...here(7030), ephemeral: false })
  await isTold(subject, service, ports(await instancesAt(bases[0] ?? '', service)), limitMs)
}

/**
 * A service with two instances, one of which stops its beats: first it is ill, then it is gone, and the other one stays. Told to every client at
 * once, since what takes the time are the limits of the instance itself.
 */

import { send } from '../../support/http.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { Problems } from './kills.ts'
import type { ServiceInstance } from './protocol.ts'
import type { Scene, Subject } from './scene.ts'
import { group, isTold, ports, registerAt, toldLimitMs } from './service-actions.ts'

const service = 'fading'
const lasting = 7_031
const fading = 7_032
const beatEveryMs = 500
/** Of the instance: ill after three seconds without a beat, gone after eight. Looked at every five. */
const metadata = {
  'preserved.heart.beat.interval': '1000',
  'preserved.heart.beat.timeout': '3000',
  'preserved.ip.delete.timeout': '12000',
}
const goneLimitMs = 20_000 + toldLimitMs

export interface Fading {
  readonly ill: Problems
  readonly gone: Problems
}

const isIll = (instances: readonly ServiceInstance[] | undefined): boolean =>
  instances?.some(({ port, healthy }) => port === fading && healthy === false) ?? false

/** Keeps one instance alive, as its client would; `end` is its end. */
const beat = (base: string, port: number) => {
  const body = JSON.stringify({
    ip: '127.0.0.1',
    port,
    cluster: 'DEFAULT',
    serviceName: `${group}@@${service}`,
    weight: 1,
    metadata,
    scheduled: true,
  })
  const path = `/nacos/v1/ns/instance/beat?${new URLSearchParams({ serviceName: service, beat: body })}`
  const timer = setInterval(() => void send(base, { method: 'PUT', path }).catch(() => undefined), beatEveryMs)
  return { end: (): void => clearInterval(timer) }
}

export const watchFading = async ({ bases }: Scene, subjects: readonly Subject[]): Promise<Fading> => {
  const ill = new Map<string, string[]>(subjects.map(({ row }) => [row.name, []]))
  const gone = new Map<string, string[]>(subjects.map(({ row }) => [row.name, []]))
  const all = (into: Map<string, string[]>, run: (subject: Subject) => Promise<unknown>): Promise<unknown> =>
    Promise.all(
      subjects.map((subject) =>
        run(subject).catch((error: unknown) => into.get(subject.row.name)?.push(error instanceof Error ? error.message : String(error))),
      ),
    )
  const [first = '', second = ''] = bases
  for (const port of [lasting, fading]) await registerAt(first, service, { ip: '127.0.0.1', port, metadata })
  const kept = beat(second, lasting)
  const other = beat(first, fading)
  try {
    await all(ill, async (subject) => {
      await subject.program.ask('subscribe', { service, group })
      await isTold(
        subject,
        service,
        ports([
          { ip: '', port: lasting },
          { ip: '', port: fading },
        ]),
      )
    })
    other.end()
    await all(ill, ({ program }) => waitUntil('it to be told that one is ill', () => program.pictures(service).some(isIll), goneLimitMs))
    await all(gone, (subject) => isTold(subject, service, String(lasting), goneLimitMs))
  } finally {
    kept.end()
    other.end()
  }
  return { ill, gone }
}

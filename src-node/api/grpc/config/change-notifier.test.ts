import { expect, test } from 'vitest'
import type { WatchedConfig } from '../../../notify/config-watches.ts'
import { createFakeClock } from '../../../notify/fake-clock.testing.ts'
import type { Connection, PushOutcome } from '../connection.ts'
import { createChangeNotifier, notifyLimits } from './change-notifier.ts'

/** A client whose acknowledgements are up to the test. */
const scene = () => {
  const { clock, advance } = createFakeClock()
  const sent: { readonly dataId: string; end(outcome: PushOutcome): void }[] = []
  const marks = { taken: 0, givenUp: 0 }
  let busy = false
  const connection = {
    words: { clientIp: '10.0.0.1' },
    push: (_type: string, members: string, _timeoutMs: number, done: (outcome: PushOutcome) => void) => {
      if (busy) done('busy')
      else sent.push({ dataId: (JSON.parse(`{${members}}`) as { dataId: string }).dataId, end: done })
    },
  } as unknown as Connection
  const notifier = createChangeNotifier({
    ...{ connection, after: clock.after },
    taken: () => void marks.taken++,
    giveUp: () => void marks.givenUp++,
  })
  const setBusy = (on: boolean) => {
    busy = on
  }
  return { notifier, sent, marks, advance, setBusy, names: () => sent.map(({ dataId }) => dataId) }
}

const watched = (dataId: string): WatchedConfig => ({ key: { namespace: '', group: 'G', dataId }, tenant: '', md5: '' })

test('a push that is not acknowledged is sent again, later each time', () => {
  const { notifier, sent, advance, marks } = scene()
  notifier.changed(watched('a'))
  for (let tries = 1; tries <= 3; tries++) {
    expect(sent).toHaveLength(tries)
    sent.at(-1)?.end('timed-out')
    advance(tries * notifyLimits.retryStepMs - 1)
    expect(sent).toHaveLength(tries)
    advance(1)
  }
  sent.at(-1)?.end('taken')
  expect(marks).toEqual({ taken: 1, givenUp: 0 })
  advance(1_000_000)
  expect(sent).toHaveLength(4)
})

test('who never acknowledges is given up', () => {
  const { notifier, sent, advance, marks } = scene()
  notifier.changed(watched('a'))
  for (let tries = 1; tries <= notifyLimits.triesMax; tries++) {
    sent.at(-1)?.end('refused')
    advance(tries * notifyLimits.retryStepMs)
  }
  expect([sent.length, marks.givenUp]).toEqual([notifyLimits.triesMax, 1])
})

test('a change while a push rests is told at once, and only once', () => {
  const { notifier, sent, advance } = scene()
  notifier.changed(watched('a'))
  sent[0]?.end('timed-out')
  notifier.changed(watched('a'))
  expect(sent).toHaveLength(2)
  sent[1]?.end('taken')
  advance(1_000_000)
  expect(sent).toHaveLength(2)
})

test('so many are under way at a time; the others wait, each once however often it changes', () => {
  const { notifier, sent, names } = scene()
  const all = Array.from({ length: notifyLimits.underWayMax + 2 }, (_, at) => `d${at}`)
  for (const dataId of all) notifier.changed(watched(dataId))
  notifier.changed(watched(all.at(-1) ?? ''))
  expect(sent).toHaveLength(notifyLimits.underWayMax)
  sent[0]?.end('taken')
  sent[1]?.end('taken')
  sent[2]?.end('taken')
  expect(names()).toEqual(all)
})

test('a client that takes nothing just now is told later', () => {
  const { notifier, sent, advance, setBusy } = scene()
  setBusy(true)
  notifier.changed(watched('a'))
  notifier.changed(watched('b'))
  advance(2_000)
  expect(sent).toEqual([])
  setBusy(false)
  advance(500)
  expect(sent.map(({ dataId }) => dataId).toSorted()).toEqual(['a', 'b'])
})

test('after its end nothing is sent, and nothing waits', () => {
  const { notifier, sent, advance } = scene()
  notifier.changed(watched('a'))
  sent[0]?.end('timed-out')
  notifier.stop()
  notifier.changed(watched('b'))
  advance(1_000_000)
  expect(sent).toHaveLength(1)
})

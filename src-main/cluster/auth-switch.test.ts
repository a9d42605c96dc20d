import { expect, it, vi } from 'vitest'
import { createAuthSwitch } from './auth-switch.ts'
import type { OrderResult } from './node-orders.ts'

const done: OrderResult = { ok: true, words: '' }
const start = ({ writes = true, answers = () => Promise.resolve(done) } = {}) => {
  let on = false
  const told: string[] = []
  const auth = createAuthSwitch({
    setting: {
      isOn: () => on,
      choose: (wanted) => {
        if (!writes) throw new Error('ENOSPC')
        on = wanted
      },
    },
    ids: () => [1, 2],
    give: (id, order) => {
      told.push(`${id} ${order.kind === 'auth' ? order.on : order.kind}, kept ${on}`)
      return answers()
    },
    log: () => undefined,
    changed: () => void told.push(`shown ${on}`),
  })
  return { auth, told }
}

it('is kept before any node hears it', async () => {
  const { auth, told } = start()
  expect(await auth.switchTo(true)).toEqual({ ok: true })
  expect([auth.isOn(), told]).toEqual([true, ['shown true', '1 true, kept true', '2 true, kept true']])
})

it('that cannot be kept reaches no node', async () => {
  const { auth, told } = start({ writes: false })
  expect(await auth.switchTo(true)).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('nothing was changed: ENOSPC') } })
  expect([auth.isOn(), told]).toEqual([false, []])
})

it('does not wait for a node that stands still', async () => {
  vi.useFakeTimers()
  const { auth } = start({ answers: () => new Promise(() => undefined) })
  const switched = auth.switchTo(true)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await switched).toEqual({ ok: true })
  vi.useRealTimers()
})

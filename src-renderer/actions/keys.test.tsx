import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { bindKeys } from './keys.ts'
import { canRun, useAction } from './registry.ts'
import type { ActionId } from './table.ts'

let stop = () => {}
afterEach(() => {
  stop()
  cleanup()
  document.body.innerHTML = ''
})

function Offer({ id, run }: { id: ActionId; run: (() => void) | null }) {
  useAction(id, run)
  return null
}

function press(target: EventTarget, key: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, code: 'Any', bubbles: true, cancelable: true, ...init })
  target.dispatchEvent(event)
  return event
}

test('a sequence runs its action', () => {
  const run = vi.fn()
  render(<Offer id="goLogs" run={run} />)
  stop = bindKeys()
  press(document.body, 'g')
  press(document.body, 'l')
  expect(run).toHaveBeenCalledOnce()
})

test('single letters rest while typing; keys with a modifier work', () => {
  const follow = vi.fn()
  const find = vi.fn()
  render(
    <>
      <Offer id="logsFollow" run={follow} />
      <Offer id="logsFind" run={find} />
      <input />
    </>,
  )
  stop = bindKeys()
  const field = document.querySelector('input') as HTMLInputElement
  press(field, 'f')
  press(field, 'f', { ctrlKey: true })
  expect([follow.mock.calls.length, find.mock.calls.length]).toEqual([0, 1])
})

test('a key that nobody offers is left to the browser', () => {
  stop = bindKeys()
  expect(press(document.body, 'f', { ctrlKey: true }).defaultPrevented).toBe(false)
})

test('an action is offered while its screen is mounted, the newest offer wins', () => {
  const first = vi.fn()
  const second = vi.fn()
  const outer = render(<Offer id="focusFilter" run={first} />)
  const inner = render(<Offer id="focusFilter" run={second} />)
  stop = bindKeys()
  press(document.body, '/')
  inner.unmount()
  press(document.body, '/')
  outer.unmount()
  expect([first.mock.calls.length, second.mock.calls.length, canRun('focusFilter')]).toEqual([1, 1, false])
})

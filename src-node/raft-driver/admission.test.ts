/** What a leader admits: as much as it can apply in time. */

import { expect, it } from 'vitest'
import { createAdmission } from './admission.ts'
import { driverDefaults } from './options.ts'

const { unappliedEntriesMax, unappliedEntriesMin, admittedMs } = driverDefaults

/** A leader with a backlog that never ends, applying so many entries a second. */
const busyAt = (admission: ReturnType<typeof createAdmission>, perSecond: number, seconds: number, fromMs = 0) => {
  for (let ms = 0; ms <= seconds * 1000; ms += 5) admission.sample(fromMs + ms, 1e9, Math.floor(((fromMs + ms) * perSecond) / 1000))
}

it('a leader that never had a backlog admits all it has room for', () => {
  const admission = createAdmission(driverDefaults)
  for (let ms = 0; ms < 2000; ms += 5) admission.sample(ms, ms, ms)
  expect(admission.entriesMax()).toBe(unappliedEntriesMax)
})

it('a slow leader admits what it applies in the time that callers will wait', () => {
  const admission = createAdmission(driverDefaults)
  busyAt(admission, 1000, 2)
  expect(admission.entriesMax()).toBeGreaterThan((1000 * admittedMs * 0.9) / 1000)
  expect(admission.entriesMax()).toBeLessThan((1000 * admittedMs * 1.1) / 1000)
})

it('a leader that hardly moves still admits a few', () => {
  const admission = createAdmission(driverDefaults)
  busyAt(admission, 1, 2)
  expect(admission.entriesMax()).toBe(unappliedEntriesMin)
})

it('a fast leader is not held below its room', () => {
  const admission = createAdmission(driverDefaults)
  busyAt(admission, 50_000, 2)
  expect(admission.entriesMax()).toBe(unappliedEntriesMax)
})

it('once the backlog is gone everything is admitted again at once', () => {
  const admission = createAdmission(driverDefaults)
  busyAt(admission, 100, 2)
  admission.sample(2001, 500, 500)
  expect(admission.entriesMax()).toBe(unappliedEntriesMax)
})

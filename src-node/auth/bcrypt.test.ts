/** bcrypt against hashes that others made. */

import { expect, it } from 'vitest'
import { bcrypt, parseBcrypt, shownBcrypt } from './bcrypt.ts'

const done = (steps: Generator<void, Uint8Array>): Uint8Array => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
const knows = (password: string, text: string): boolean => {
  const stored = parseBcrypt(text) ?? expect.unreachable('no bcrypt')
  return Buffer.compare(done(bcrypt(password, stored.salt, stored.cost)), stored.hash) === 0
}

it.each([
  // Nacos's own user up to 2.3.
  ['nacos', '$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu'],
  // Of the test vectors of the crypt_blowfish of Openwall.
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
  ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
])('knows %j by its hash, and no other', (password, text) => {
  expect([knows(password, text), knows(`${password}x`, text)]).toEqual([true, false])
})

it('a hash is shown as it was read', () => {
  const text = '$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu'
  const stored = parseBcrypt(text)
  expect(stored === null ? null : shownBcrypt(stored)).toBe(text)
})

it.each([
  '',
  '$2a$10$short',
  '$2x$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu',
  '$2a$31$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu',
])('%j is none, or would take too long', (text) => {
  expect(parseBcrypt(text)).toBeNull()
})

import { expect, it } from 'vitest'
import { createPasswords } from './passwords.ts'

const start = () => {
  const passwords = createPasswords()
  return {
    hash: (password: string) => new Promise<string | undefined>((resolve) => passwords.hash(password, resolve)),
    verify: (password: string, hash: string | null) => new Promise<boolean | undefined>((resolve) => passwords.verify(password, hash, resolve)),
  }
}

it('knows a password by its hash, and no other; equal passwords have different hashes', async () => {
  const { hash, verify } = start()
  const [one = '', other = ''] = await Promise.all([hash('geheim-密'), hash('geheim-密')])
  expect(one).toMatch(/^\$scrypt\$n=16384,r=8,p=5\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/)
  expect(one).not.toBe(other)
  expect(await Promise.all([verify('geheim-密', one), verify('geheim', one)])).toEqual([true, false])
})

it.each([
  ['no user', null],
  ['the hash of another program', '$1$EuWPZHzz$32dJN7jexM34MOeYirDdF.'],
  ['a hash that would take all memory', `$scrypt$n=1048576,r=64,p=1$${'a'.repeat(22)}$${'a'.repeat(43)}`],
  ['a hash of a cost that is none', `$scrypt$n=3,r=8,p=1$${'a'.repeat(22)}$${'a'.repeat(43)}`],
])('finds every password wrong for %s, at the cost of a right one', async (_what, stored) => {
  const { verify } = start()
  // Without a hash of scrypt to compare with, this would be done within a turn.
  let turns = 0
  const count = setInterval(() => turns++, 1)
  expect(await verify('nacos', stored)).toBe(false)
  clearInterval(count)
  expect(turns).toBeGreaterThan(5)
})

it('takes so many at a time, and refuses the others at once', async () => {
  const passwords = createPasswords({ n: 2, r: 1, p: 1 })
  const heard: (string | undefined)[] = []
  const all = new Promise<void>((resolve) => {
    for (let at = 0; at < 70; at++)
      passwords.hash('x', (hash) => {
        if (heard.push(hash) === 70) resolve()
      })
  })
  expect(heard).toEqual([undefined, undefined, undefined, undefined])
  await all
  expect(heard.slice(4).every((hash) => hash?.startsWith('$scrypt$n=2,'))).toBe(true)
})

it('knows what Nacos has hashed, and makes such hashes where Nacos is to know them', async () => {
  const passwords = createPasswords(undefined, 'bcrypt')
  const hashed = await new Promise<string | undefined>((resolve) => passwords.hash('geheim-密', resolve))
  expect(hashed).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/)
  const { verify } = start()
  const nacos = '$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu'
  expect(await Promise.all([verify('nacos', nacos), verify('Nacos', nacos), verify('geheim-密', hashed ?? ''), verify('x', hashed ?? '')])).toEqual([
    ...[true, false],
    ...[true, false],
  ])
})

import { expect, it } from 'vitest'
import { readTarget, shownTarget } from './target.ts'

const read = (url: string, password: string | null = null) => {
  const result = readTarget(url, password)
  if (!result.ok) throw new Error(`${result.problem} ${result.part}`)
  return result
}
const problem = (url: string) => {
  const result = readTarget(url, null)
  return result.ok ? 'none' : result.problem
}

it('reads one address, with and without a port', () => {
  expect(read('mysql://nacos@db.example:3307/config').target).toEqual({
    addresses: [{ host: 'db.example', port: 3307 }],
    user: 'nacos',
    password: '',
    database: 'config',
  })
  expect(read('mysql://nacos@db/config').target.addresses).toEqual([{ host: 'db', port: 3306 }])
  expect(read('mysql://nacos@[::1]:3307/config').target.addresses).toEqual([{ host: '::1', port: 3307 }])
})

it('reads several addresses, on either side of the database', () => {
  const both = [
    { host: 'a', port: 1 },
    { host: 'b', port: 3306 },
  ]
  expect(read('mysql://u@a:1/db,b').target.addresses).toEqual(both)
  expect(read('mysql://u@a:1,b/db').target.addresses).toEqual(both)
})

it('takes a password from the URL, says so, and prefers the one given beside it', () => {
  expect(read('mysql://u:p%40ss@h/db')).toMatchObject({ passwordInUrl: true, target: { password: 'p@ss' } })
  expect(read('mysql://u:p@ss/word@h/db').target).toMatchObject({ password: 'p@ss/word', addresses: [{ host: 'h', port: 3306 }] })
  expect(read('mysql://u:old@h/db', 'new').target.password).toBe('new')
  expect(read('mysql://u@h/db', 'new').passwordInUrl).toBe(false)
})

it.each([
  ['http://u@h/db', 'scheme'],
  ['mysql://h/db', 'user-missing'],
  ['mysql://@h/db', 'user-missing'],
  ['mysql://u@h', 'database-missing'],
  ['mysql://u@h/', 'database-missing'],
  ['mysql://u@h/a`b', 'database-missing'],
  ['mysql://u@/db', 'host-missing'],
  ['mysql://u@h:0/db', 'port'],
  ['mysql://u@h:70000/db', 'port'],
  ['mysql://u@h:x/db', 'port'],
  ['mysql://u@h/db,', 'host-missing'],
  ['mysql://u@h/db?ssl=true', 'parameters'],
  ['mysql://u:%zz@h/db', 'encoding'],
  [`mysql://u@h/db${',h'.repeat(8)}`, 'too-many-addresses'],
])('refuses %s as %s', (url, expected) => {
  expect(problem(url)).toBe(expected)
})

it('never shows a password', () => {
  expect(shownTarget(read('mysql://u:secret@h/db,b:7').target)).toBe('mysql://u@h:3306/db,b:7')
  for (const url of ['mysql://u:secret@h', 'mysql://u:secret@h:x/db', 'http://u:secret@h/db', 'mysql://u:secret@h/db?secret=no']) {
    const result = readTarget(url, null)
    expect(result.ok ? '' : result.part).not.toContain('u:secret')
  }
})

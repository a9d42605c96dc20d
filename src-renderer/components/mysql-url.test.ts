import { expect, test } from 'vitest'
import { addressesOf, emptyFields, faultsOf, mysqlUrlOf, readMysqlUrl } from './mysql-url.ts'

const full = { host: 'db', port: '3307', more: 'replica, [::1]:3308', user: 'a@b:c', database: 'na cos' }

test('fields become a URL that a node reads, and come back', () => {
  const url = mysqlUrlOf(full)
  expect(url).toBe('mysql://a%40b%3Ac@db:3307/na%20cos,replica:3306,[::1]:3308')
  expect(readMysqlUrl(url)).toEqual({ ...full, more: 'replica:3306,[::1]:3308' })
})

test('a URL of the command line may leave the port out, and name addresses before the database', () => {
  expect(readMysqlUrl('mysql://u@db,two:3/nacos')).toEqual({ host: 'db', port: '3306', more: 'two:3', user: 'u', database: 'nacos' })
  expect(readMysqlUrl('mysql://u@[::1]/nacos')).toMatchObject({ host: '::1', port: '3306' })
  expect(['postgres://u@h/d', 'mysql://h/d', 'mysql://u@h'].map(readMysqlUrl)).toEqual([null, null, null])
})

test('addresses are named as the nodes name them', () => {
  expect(addressesOf({ ...full, host: '::1' })).toEqual(['[::1]:3307', 'replica:3306', '[::1]:3308'])
})

test.each([
  [{ user: 'u' }, []],
  [{}, ['user']],
  [{ user: 'u', host: '', port: '0', database: '' }, ['host', 'port', 'database']],
  [{ user: 'u', host: 'a b', port: '65536' }, ['host', 'port']],
  [{ user: 'u', more: 'a:x' }, ['more']],
  [{ user: 'u', more: 'a,b,c,d,e,f,g,h' }, ['more']],
  [{ user: 'u', more: 'a,b,c,d,e,f,g' }, []],
  [{ user: 'u', database: 'a/b' }, ['database']],
])('%j has these faults: %j', (change, faults) => expect([...faultsOf({ ...emptyFields, ...change })]).toEqual(faults))

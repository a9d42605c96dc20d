import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeNaming, encodeNaming, namingKinds } from './naming-codec.ts'
import { anyNamingCommand, connection, instance, published, registered, service, spec } from './naming-commands.testing.ts'
import type { NamingCommand } from './naming-words.ts'

it('bytes give back the command, whatever it is, as long as all of them are there', () => {
  fc.assert(
    fc.property(anyNamingCommand, fc.nat(), (command, at) => {
      const bytes = encodeNaming(command)
      expect(bytes[1]).toBeGreaterThanOrEqual(namingKinds[0])
      expect(bytes[1]).toBeLessThanOrEqual(namingKinds[1])
      expect(decodeNaming(bytes)).toEqual(command)
      expect(decodeNaming(bytes.subarray(0, at % bytes.length))).toBeNull()
      expect(decodeNaming(new Uint8Array([...bytes, 0]))).toBeNull()
    }),
    { numRuns: 500 },
  )
})

it('bytes that are damaged somewhere are read as something, or as nothing, and never throw', () => {
  fc.assert(
    fc.property(anyNamingCommand, fc.nat(), fc.integer({ min: 0, max: 255 }), (command, at, byte) => {
      const bytes = encodeNaming(command)
      bytes[at % bytes.length] = byte
      decodeNaming(bytes)
    }),
    { numRuns: 500 },
  )
})

const damaged = (command: NamingCommand, at: number, byte: number): NamingCommand | null => {
  const bytes = encodeNaming(command)
  bytes[at < 0 ? bytes.length + at : at] = byte
  return decodeNaming(bytes)
}

it('values that no node may hold make the whole command unreadable', () => {
  const register = registered(instance(80))
  expect(damaged(register, 0, 2)).toBeNull()
  expect(damaged(register, 1, 200)).toBeNull()
  // Flags, and the weight, which comes after them and before an empty map: infinity.
  expect(damaged(register, -10, 4)).toBeNull()
  const infinite = encodeNaming(register)
  infinite.set([0x7f, 0xf0, 0, 0, 0, 0, 0, 0], infinite.length - 9)
  expect(decodeNaming(infinite)).toBeNull()
  expect(decodeNaming(encodeNaming(registered(instance(65_536))))).toBeNull()
  const { kind, service: of, ip, port } = { kind: 'deregister-instance', service: service(), ip: 'a', port: 65_536 } as const
  expect(decodeNaming(encodeNaming({ kind, service: of, ephemeral: true, ip, port }))).toBeNull()
  expect(damaged({ kind: 'remove-instances', instances: [{ service: service(), ...instance(), index: 3 }] }, -8, 0xbf)).toBeNull()
  expect(damaged({ kind: 'create-service', service: service(), ephemeral: true, spec: spec() }, 2 + 7 + 2 + 2, 2)).toBeNull()
})

it('a list that says it is longer than any is not believed', () => {
  const many = Array.from({ length: 65_537 }, () => service(''))
  expect(decodeNaming(encodeNaming({ kind: 'sweep-services', services: many }))).toBeNull()
  expect(decodeNaming(encodeNaming(published(connection(), instance())))).not.toBeNull()
})

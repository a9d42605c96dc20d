import fc from 'fast-check'
import { expect, it } from 'vitest'
import { changesConfigs } from './command-codec.ts'
import { decodeSnapshotCommand, encodeSnapshotCommand, isRestore, isSnapshotCommand } from './snapshot-codec.ts'
import type { SnapshotCommand } from './types.ts'

const index = fc.integer({ min: 1, max: 2 ** 40 })
const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 })
const anyCommand: fc.Arbitrary<SnapshotCommand> = fc.oneof(
  fc.record({ kind: fc.constant('take-snapshot' as const), name: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }) }),
  fc.record({ kind: fc.constant('drop-snapshot' as const), index }),
  fc.record({
    ...{ kind: fc.constant('restore-snapshot' as const), index, contentHash: hash, accounts: fc.boolean() },
    ...{ sourceIp: fc.string({ maxLength: 40 }), sourceUser: fc.string({ unit: 'binary', maxLength: 100 }) },
  }),
)

it('gives back every command, and tells those that change configurations', () => {
  fc.assert(
    fc.property(anyCommand, (command) => {
      const bytes = encodeSnapshotCommand(command)
      expect(decodeSnapshotCommand(bytes)).toEqual(command)
      const restores = command.kind === 'restore-snapshot'
      expect([isSnapshotCommand(bytes), isRestore(bytes), changesConfigs(bytes)]).toEqual([true, restores, restores])
      expect(isSnapshotCommand(new Uint8Array([9, 9, ...bytes]), 2)).toBe(true)
    }),
  )
})

it('never throws, whatever the bytes', () => {
  const hostile = fc
    .oneof(fc.constant(6), fc.constant(7), fc.constant(9))
    .chain((kind) => fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(1, kind, ...rest)))
  fc.assert(fc.property(hostile, (bytes) => void decodeSnapshotCommand(bytes)))
})

it.each([
  ['of another version', [2, 6, 0, 97]],
  ['of another kind', [1, 1, 0, 97]],
  ['without a name', [1, 6, 0]],
  ['of no word', [1, 6, 2, 97]],
  ['with an index cut short', [1, 6, 1, 64, 0]],
  ['with an index of nothing', [1, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['with a name that is no UTF-8', [1, 6, 0, 255]],
  ['with a name that is too long', [1, 6, 0, ...Array(257).fill(97)]],
  ['of a restore cut short', [1, 7, 64, 0, 0, 0]],
])('reads nothing %s', (_what, bytes) => expect(decodeSnapshotCommand(Uint8Array.from(bytes))).toBeNull())

it('writes nothing that no node would read', () => {
  expect(() => encodeSnapshotCommand({ kind: 'take-snapshot', name: '' })).toThrow('no node would read this')
  const restore = { kind: 'restore-snapshot', index: 1, contentHash: 'no hash', accounts: false, sourceIp: '', sourceUser: '' } as const
  expect(() => encodeSnapshotCommand(restore)).toThrow('no node would read this')
  expect(() => encodeSnapshotCommand({ kind: 'drop-snapshot', index: 0 })).toThrow('no node would read this')
})

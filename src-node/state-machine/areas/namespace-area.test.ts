/** Namespaces as the whole machine carries them out. */

import { describe, expect, it } from 'vitest'
import { encodeCommand } from '../command-codec.ts'
import type { PublishConfig } from '../types.ts'
import { createAreaWorld } from './area-step.testing.ts'
import { encodeNamespaceCommand, namespacesMax } from './namespace-area.ts'
import type { NamespaceCommand } from './namespace-words.ts'
import { encodeNaming } from './naming-codec.ts'
import { encodeTextCommand } from './texts-codec.ts'

const start = (world = createAreaWorld()) => {
  const run = (command: NamespaceCommand, keep?: boolean) => world.apply(encodeNamespaceCommand(command), keep)
  const create = (id: string, keep?: boolean) => run({ kind: 'create-namespace', id, showName: `name of ${id}`, description: '开发' }, keep)
  const remove = (id: string) => run({ kind: 'delete-namespace', id })
  const namespaces = () => world.machine.areas().namespaces
  return { ...world, run, create, remove, namespaces, ids: () => [...namespaces().all()].map(({ id }) => id) }
}

const config = (namespace: string): PublishConfig => ({
  ...{ kind: 'publish-config', namespace, group: 'G', dataId: 'd', content: new Uint8Array([1]), md5: 'aa', type: 'text', expectedMd5: null },
  ...{ appName: '', description: '', tags: null, sourceIp: '', sourceUser: '', encryptedDataKey: '' },
})

describe('a namespace', () => {
  it('is made once, changed, and gone', () => {
    const { create, run, remove, namespaces, ids } = start()
    expect(create('dev')).toEqual({ kind: 'namespace-done', index: 1 })
    expect(create('dev')).toEqual({ kind: 'namespace-refused', why: 'namespace-exists' })
    expect(run({ kind: 'update-namespace', id: 'dev', showName: 'Dev', description: '' })).toEqual({ kind: 'namespace-done', index: 3 })
    expect(namespaces().find('dev')).toEqual({ id: 'dev', showName: 'Dev', description: '', createdMs: 1_000, modifiedMs: 3_000 })
    expect(remove('dev')).toEqual({ kind: 'namespace-done', index: 4 })
    expect(remove('dev')).toEqual({ kind: 'namespace-refused', why: 'namespace-unknown' })
    expect(ids()).toEqual([])
  })

  it('that nobody made is not changed', () => {
    const { run } = start()
    expect(run({ kind: 'update-namespace', id: 'dev', showName: 'Dev', description: '' })).toEqual({
      ...{ kind: 'namespace-refused', why: 'namespace-unknown' },
    })
  })

  it('stays while a configuration stands in it, and goes after the last one', () => {
    const { apply, create, remove, ids } = start()
    create('dev')
    apply(encodeCommand(config('dev')))
    expect(remove('dev')).toEqual({ kind: 'namespace-refused', why: 'namespace-holds-configs' })
    apply(encodeCommand({ kind: 'delete-config', namespace: 'dev', group: 'G', dataId: 'd', expectedMd5: null, sourceIp: '', sourceUser: '' }))
    apply(encodeCommand(config('other')))
    expect(remove('dev')).toMatchObject({ kind: 'namespace-done' })
    expect(ids()).toEqual([])
  })

  it('stays while a service stands in it', () => {
    const { apply, create, remove } = start()
    const service = { namespace: 'dev', group: 'G', name: 'orders' }
    create('dev')
    create('other')
    const spec = { protectThreshold: 0, metadata: {}, selector: { type: 'none' } } as const
    apply(encodeNaming({ kind: 'create-service', service, ephemeral: false, spec }))
    expect(remove('dev')).toEqual({ kind: 'namespace-refused', why: 'namespace-holds-services' })
    expect(remove('other')).toMatchObject({ kind: 'namespace-done' })
    apply(encodeNaming({ kind: 'remove-service', service }))
    expect(remove('dev')).toMatchObject({ kind: 'namespace-done' })
  })

  it('is judged by what its own batch has changed', () => {
    const { machine, create } = start()
    create('dev')
    const entry = (index: number, payload: Uint8Array) => machine.apply({ index, term: 1, stampMs: 0, payload }).reply
    const remove = encodeNamespaceCommand({ kind: 'delete-namespace', id: 'dev' })
    machine.begin()
    entry(2, encodeCommand(config('dev')))
    expect(entry(3, remove)).toMatchObject({ why: 'namespace-holds-configs' })
    entry(4, encodeCommand({ ...config('dev'), kind: 'delete-config' }))
    expect(entry(5, remove)).toMatchObject({ kind: 'namespace-done' })
    machine.publish()
  })

  it('is as it was when its batch is thrown away', () => {
    const { create, ids, machine } = start()
    const before = machine.meta().stateHash
    create('dev', false)
    expect([ids(), machine.meta().stateHash]).toEqual([[], before])
  })
})

it('loads what it stored, with the same hash', () => {
  const first = start()
  first.create('dev')
  first.create('test')
  first.remove('dev')
  const again = start(createAreaWorld(first.records()))
  expect([...again.namespaces().all()]).toEqual([...first.namespaces().all()])
  expect(again.records()).toEqual(first.records())
  expect(again.namespaces().changeOf(4, 'test', 9)).toBeNull()
})

it('passes over a record that it cannot read', () => {
  const { ids } = start(createAreaWorld([{ area: 4, key: 'dev', value: new Uint8Array([7]) }]))
  expect(ids()).toEqual([])
})

it.each([
  ['the default namespace by name', encodeNamespaceCommand({ kind: 'create-namespace', id: 'public', showName: 'p', description: '' })],
  ['the default namespace by none', encodeNamespaceCommand({ kind: 'delete-namespace', id: '' })],
  ['too few texts', encodeTextCommand(48, ['dev'])],
  ['too many texts', encodeTextCommand(50, ['dev', 'x'])],
])('carries nothing out for %s', (_what, payload) => {
  expect(start().apply(payload)).toEqual({ kind: 'invalid-command' })
})

it('takes so many and no more', () => {
  const { create, namespaces } = start(
    createAreaWorld(
      Array.from({ length: namespacesMax }, (_, at) => ({ area: 4, key: `n${at}`, value: new TextEncoder().encode('["n","","1","1"]') })),
    ),
  )
  expect(namespaces().size()).toBe(namespacesMax)
  expect(create('one-more')).toEqual({ kind: 'namespace-refused', why: 'too-many-namespaces' })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from '../../support/headless.ts'
import { clientsPage, pagePath } from './page.ts'
import { cellOf, npmClients, toolchainClients } from './table.ts'

const [nacos, rust, cli] = npmClients

describe('the table of clients', () => {
  it('is what docs/clients.md shows (npm run clients writes it)', () => expect(readFileSync(pagePath, 'utf8')).toBe(clientsPage()))

  it('names the versions that are installed', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
    for (const { package: name, version } of npmClients) expect([name, devDependencies[name.replace('npm ', '')]]).toEqual([name, version])
  })

  it('names the versions that the programs in other languages are made with', () => {
    const pins = { java: 'java/pom.xml', go: 'go/go.mod', python: 'python/requirements.txt' }
    const pinned = Object.entries(pins).map(([name, file]) => [name, readFileSync(join(import.meta.dirname, 'programs', file), 'utf8')] as const)
    const versionOf = (name: string): string => toolchainClients.find((row) => row.name === name)?.version ?? ''
    expect(pinned.map(([name, text]) => text.includes(versionOf(name)))).toEqual([true, true, true])
    for (const line of pinned[2]![1].trim().split('\n')) expect(line).toMatch(/^[\w.-]+==[\w.]+$/)
  })

  it('says of each cell whether the client can, whether a cluster serves it, or that it is done', () => {
    const features = ['configurations over HTTP v1', 'configurations over gRPC'] as const
    expect(cellOf(nacos!, 'get', features)).toEqual({ kind: 'does' })
    expect(cellOf(nacos!, 'batch', features)).toEqual({ kind: 'cannot', why: 'HTTP v1 has no such call' })
    expect(cellOf(nacos!, 'register', features)).toEqual({ kind: 'not-served', missing: ['services over HTTP v1'] })
    expect(cellOf(rust!, 'works with a password', features)).toEqual({ kind: 'not-served', missing: ['users'] })
    expect(cellOf(cli!, 'get', [])).toEqual({ kind: 'not-served', missing: ['configurations over HTTP v3'] })
  })
})

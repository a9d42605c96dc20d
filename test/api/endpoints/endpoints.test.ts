import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HeadlessCluster, startHeadless } from '../../support/headless.ts'
import { endpoints } from '../endpoints.ts'
import { type Asked, askForAll, nameOf } from './ask.ts'
import { pageOf, pagePath } from './page.ts'

describe('the endpoints of the reference', () => {
  let cluster: HeadlessCluster | undefined
  let asked: readonly Asked[] = []
  beforeAll(async () => {
    cluster = await startHeadless({ nodes: 1, args: ['--no-console'] })
    asked = await askForAll(cluster.bases[0] ?? '', endpoints)
  })
  afterAll(() => cluster?.stop())

  it('are in the table once each', () => {
    const names = endpoints.map(nameOf)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it('are answered as the reference has it, where a node serves them', () => {
    const differing = asked.flatMap(({ endpoint, verdict }) =>
      verdict.kind === 'differs' ? [{ endpoint: nameOf(endpoint), problems: verdict.problems }] : [],
    )
    expect(differing).toEqual([])
  })

  it('stand in docs/endpoints.md as a node serves them (npm run endpoints writes it)', async () => {
    expect(await readFile(pagePath, 'utf8')).toBe(pageOf(asked))
  })
})

/** Configurations moved from one cluster to another as a zip, through the commands and the API, and two nodes compared key by key. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { configsPath, publish, raftState, read } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'nacos-trio-zips-'))
const count = 3_000
const minuteMs = 60_000

let from: HeadlessCluster
let to: HeadlessCluster
beforeAll(async () => {
  from = await startHeadless({ args: ['--no-console'] })
  to = await startHeadless({ args: ['--no-console'] })
})
afterAll(async () => {
  await Promise.all([from?.stop(), to?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

const contentOf = (at: number): string => (at % 500 === 0 ? `大: ${'值😀'.repeat(20_000)}${at}` : `n: ${at}\r\n说明: "${at}"\n`)
const fill = async (cluster: HeadlessCluster): Promise<void> => {
  for (let at = 0; at < count; at += 50)
    await Promise.all(
      Array.from({ length: 50 }, async (_, more) => {
        const answer = await publish(
          cluster.bases[(at + more) % 3]!,
          { dataId: `app:${at + more}.yaml`, group: `G-${at % 7}`, tenant: 'dev' },
          contentOf(at + more),
        )
        expect(answer.status).toBe(200)
      }),
    )
}
const createNamespace = async (base: string, id: string): Promise<void> => {
  const path = `/nacos/v1/console/namespaces?customNamespaceId=${id}&namespaceName=${id}`
  expect((await send(base, { method: 'POST', path })).text).toBe('true')
}
const digest = async (base: string): Promise<string[]> => (await send(base, { path: '/nacos/v1/core/ops/digest' })).text.trim().split('\n')
/** Key and md5 of all, without what two clusters number differently. */
const keysOf = async (base: string): Promise<string[]> =>
  (await digest(base))
    .slice(1, -1)
    .map((line) => (JSON.parse(line) as unknown[]).slice(1, 6).join('\u0001'))
    .sort()

it('an export of one cluster makes another one that holds the same', async () => {
  await fill(from)
  await agreedState(from.bases)
  const file = join(folder, 'dev.zip')
  const exported = await from.ask(`export ${file} dev`, minuteMs)
  expect(exported).toMatchObject({ ok: true, facts: { zip: { bytes: statSync(file).size } } })
  const refused = await to.ask(`import ${file} ABORT dev`, minuteMs)
  expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining('the target namespace does not exist') })
  await createNamespace(to.bases[0]!, 'dev')
  await agreedState(to.bases)
  const imported = await to.ask(`import ${file} ABORT dev`, minuteMs)
  expect(imported).toMatchObject({ ok: true, facts: { zip: { written: count, skipped: 0, failed: 0, unrecognized: 0 } } })
  await agreedState(to.bases)
  const here = await keysOf(from.bases[0]!)
  expect(here).toHaveLength(count)
  for (const base of to.bases) expect(await keysOf(base)).toEqual(here)
  const last = { dataId: 'app:2500.yaml', group: 'G-1', tenant: 'dev' }
  expect((await read(to.bases[2]!, { ...last, group: `G-${2_500 % 7}` })).text).toBe(contentOf(2_500))
})

it('the three nodes are equal, key by key', async () => {
  for (const pair of ['1 2', '2 3', '3 1']) {
    const answer = await to.ask(`compare ${pair}`, minuteMs)
    expect(answer).toMatchObject({ ok: true, facts: { comparison: { kind: 'compared', equal: true, differing: 0, first: { configs: count } } } })
  }
})

it('a second import changes nothing: ABORT says why, SKIP skips all', async () => {
  const file = join(folder, 'dev.zip')
  const before = await agreedState(to.bases)
  expect(await to.ask(`import ${file} ABORT dev`, minuteMs)).toMatchObject({
    ok: true,
    facts: { zip: { written: 0, skipped: count - 1, failed: 1 } },
  })
  expect(await to.ask(`import ${file} SKIP dev`, minuteMs)).toMatchObject({ ok: true, facts: { zip: { written: 0, skipped: count, failed: 0 } } })
  expect((await agreedState(to.bases)).stateHash).toBe(before.stateHash)
})

it('OVERWRITE replaces each, in as many ordinary writes', async () => {
  const file = join(folder, 'dev.zip')
  const key = { dataId: 'app:1.yaml', group: 'G-0', tenant: 'dev' }
  expect((await publish(to.bases[0]!, key, 'changed')).status).toBe(200)
  const before = await agreedState(to.bases)
  expect(await to.ask(`import ${file} OVERWRITE dev`, minuteMs)).toMatchObject({ ok: true, facts: { zip: { written: count } } })
  const after = await agreedState(to.bases)
  expect(after.appliedIndex - before.appliedIndex).toBeGreaterThanOrEqual(count)
  for (const base of to.bases) expect((await read(base, key)).text).toBe(contentOf(1))
})

it('a follower that is cut off is called behind', async () => {
  const leader = (await raftState(to.bases[0]!)).leaderId
  const follower = to.ready.nodes.map(({ id }) => id).find((id) => id !== leader) ?? 2
  const other = to.ready.nodes.map(({ id }) => id).find((id) => id !== leader && id !== follower) ?? 3
  await to.command(`fault isolate ${follower}`)
  expect((await publish(to.baseOf(other), { dataId: 'after-the-cut' }, 'x')).status).toBe(200)
  const answer = await to.ask(`compare ${follower} ${other}`, minuteMs)
  expect(answer).toMatchObject({ ok: true, facts: { comparison: { kind: 'behind', behind: follower } } })
  await to.command('fault heal')
  await agreedState(to.bases)
  expect(await to.ask(`compare ${follower} ${other}`, minuteMs)).toMatchObject({ facts: { comparison: { equal: true } } })
})

it('a file that cannot be read, written or understood is refused in words', async () => {
  const noZip = join(folder, 'no.zip')
  writeFileSync(noZip, 'this is no zip')
  expect(await to.ask(`import ${noZip}`)).toMatchObject({ ok: false, detail: expect.stringContaining('the zip cannot be read') })
  expect(await to.ask(`import ${join(folder, 'missing.zip')}`)).toMatchObject({ ok: false, detail: expect.stringContaining('ENOENT') })
  expect(await to.ask(`export ${noZip}`)).toMatchObject({ ok: false, detail: expect.stringContaining('EEXIST') })
  expect(statSync(noZip).size).toBe('this is no zip'.length)
  expect(await to.ask('import')).toMatchObject({ ok: false, code: 'invalid', detail: expect.stringContaining('FILE is missing') })
})

/** Where the system tells it; elsewhere nothing. */
const openFilesOf = (pid: number): readonly string[] => {
  const dir = `/proc/${pid}/fd`
  if (!existsSync(dir)) return []
  return readdirSync(dir).flatMap((name) => {
    try {
      return [readlinkSync(join(dir, name))]
    } catch {
      return []
    }
  })
}

it('an upload whose client goes away leaves nothing behind', async () => {
  const leader = (await raftState(to.bases[0]!)).leaderId ?? 1
  const base = to.baseOf(leader)
  const abort = new AbortController()
  const sending = send(base, {
    ...{ method: 'POST', path: `${configsPath}?import=true&namespace=`, signal: abort.signal },
    headers: { 'content-type': 'multipart/form-data; boundary=edge', 'content-length': '1000000' },
    body: '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK',
  })
  setTimeout(() => abort.abort(), 200)
  await expect(sending).rejects.toThrow()
  const uploads = join(to.ready.nodes.find(({ id }) => id === leader)!.dir, 'data', 'upload')
  // The command asks the same node, which may hear of the end a moment later.
  const again = async () => (await to.ask(`import ${join(folder, 'dev.zip')} SKIP dev`, minuteMs)).ok === true
  await waitUntil('the next import to be taken', again, minuteMs)
  expect(openFilesOf(to.pidOf(leader)).filter((path) => path.includes('upload'))).toEqual([])
  expect(existsSync(uploads) ? readdirSync(uploads) : []).toEqual([])
})

it('an import through a follower outlives its leader, and its answer is what happened', async () => {
  const file = readFileSync(join(folder, 'dev.zip'))
  const leader = (await raftState(to.bases[0]!)).leaderId ?? 1
  const entry = to.baseOf(to.ready.nodes.map(({ id }) => id).find((id) => id !== leader) ?? 2)
  await createNamespace(entry, 'again')
  await agreedState(to.bases)
  const form = Buffer.concat([
    Buffer.from('--edge\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'),
    file,
    Buffer.from('\r\n--edge--\r\n'),
  ])
  const importing = send(entry, {
    ...{ method: 'POST', path: `${configsPath}?import=true&namespace=again&policy=ABORT`, body: form, timeoutMs: minuteMs },
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  })
  const written = async (): Promise<number> => {
    const { data } = JSON.parse((await send(entry, { path: '/nacos/v1/core/ops/import' })).text) as { data: { running: { written: number } | null } }
    return data.running?.written ?? 0
  }
  await waitUntil('some of it to be written', async () => (await written()) > 100, minuteMs)
  to.killNode(leader)
  const answer = JSON.parse((await importing).text) as { data: { succCount: number; skipCount?: number; failData?: Named[]; skipData?: Named[] } }
  const { succCount, skipCount = 0, failData = [], skipData = [] } = answer.data
  expect(succCount + skipCount + failData.length).toBe(count)
  expect(skipData).toHaveLength(skipCount)
  await agreedState(to.bases)
  const listed = new Set([...failData, ...skipData].map(({ group, dataId }) => `${group}\u0001${dataId}`))
  const there = (await keysOf(entry)).filter((key) => key.startsWith('again\u0001')).map((key) => key.split('\u0001').slice(1, 3).join('\u0001'))
  expect(there.filter((key) => !listed.has(key))).toHaveLength(succCount)
})

interface Named {
  readonly dataId: string
  readonly group: string
}

/** Room for a cluster's own numbers in a database that others have filled: their rows get other numbers and nothing else. */

import { expect, it } from 'vitest'
import { createRoomMaker } from '../../src-node/storage/mysql/make-room.ts'
import { nacos14, nacos22 } from './nacos-2x.ts'
import { sinkScene } from './sink-scene.ts'

const { setUp } = sinkScene()
const after = (ms: number, task: () => void) => {
  const timer = setTimeout(task, ms)
  return { cancel: () => clearTimeout(timer) }
}
const times = { after, connectLimitMs: 3_000, statementLimitMs: 20_000 }
const atMs = Date.UTC(2026, 1, 3, 4, 5, 6)

it.each([
  ['2.2', nacos22],
  ['1.4', nacos14],
])('rows of a %s database move above ours, with their history and tags, and once is enough', async (_version, statements) => {
  const { target, sql } = await setUp(statements)
  const room = createRoomMaker(target, times)
  const contents = () => sql('SELECT data_id, content, md5, gmt_modified FROM config_info ORDER BY BINARY data_id')
  const before = await contents()
  expect(await room.liftAbove(41, 78)).toEqual({ kind: 'done' })
  const numbers = async () => ({
    configs: await sql('SELECT id FROM config_info ORDER BY id'),
    history: await sql('SELECT id, nid FROM his_config_info ORDER BY nid'),
    tags: await sql('SELECT id FROM config_tags_relation'),
  })
  const lifted = await numbers()
  expect(lifted).toEqual({
    configs: [{ id: 41 }, { id: 53 }, { id: 81 }],
    history: [
      { id: 53, nid: 78 },
      { id: 0, nid: 155 },
    ],
    tags: [{ id: 53 }],
  })
  expect(await contents()).toEqual(before)
  await room.liftAbove(41, 78)
  expect(await numbers()).toEqual(lifted)
})

it.each([
  ['2.2', nacos22],
  ['1.4', nacos14],
])('what will be replaced in a %s database stands in its history, once, and its tags go', async (_version, statements) => {
  const { target, sql } = await setUp(statements)
  const room = createRoomMaker(target, times)
  for (let times = 0; times < 2; times++) expect(await room.keepReplaced([12, 41], atMs)).toEqual({ kind: 'done' })
  expect(await sql("SELECT id, data_id, content, op_type FROM his_config_info WHERE gmt_modified = '2026-02-03 04:05:06' ORDER BY id")).toEqual([
    { id: 12, data_id: 'app.yaml', content: '名: 值', op_type: 'U' },
    { id: 41, data_id: 'DB.properties', content: 'a=2', op_type: 'U' },
  ])
  expect(await sql('SELECT id FROM config_tags_relation')).toEqual([])
})

it('a database that cannot be reached is trouble, told as such', async () => {
  const { target } = await setUp(nacos22)
  const room = createRoomMaker({ ...target, password: 'wrong' }, times)
  expect(await room.liftAbove(1, 1)).toMatchObject({ kind: 'unavailable', trouble: { code: 'access-denied' } })
})

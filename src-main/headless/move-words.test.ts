/** What is said of a move: every number once, names of what is not alike, and no password. */

import { expect, it } from 'vitest'
import type { MovePlan } from '../contract/storage-move.ts'
import { moveCountLines, moveLines } from './move-words.ts'
import { withoutPassword } from './storage-commands.ts'

const key = (dataId: string) => ({ namespace: '', group: 'g', dataId })
const plan: MovePlan = {
  ...{ to: 'mysql', isResumed: false, merge: null, counts: [], rows: 18_000, aboutMs: 5_000, obstacles: [{ code: 'too-big', count: 1 }] },
  look: {
    ...{ address: 'h:3306', hasTables: true, owner: 'nobody', ownerId: '', storeIndex: null, appliedIndex: 9 },
    ours: { configs: 15, bytes: 30, hash: 'aaaa' },
    theirs: { configs: 4, bytes: 8, hash: 'bbbb' },
    namespaces: [{ namespace: 'dev', ours: { configs: 2, bytes: 4, hash: 'cc' }, theirs: { configs: 2, bytes: 4, hash: 'cc' } }],
    ...{ alike: 2, unlike: 1, oursAlone: 12, theirsAlone: 1, newer: 0, left: 1, tooBig: 1 },
    differences: [
      { ...key('both'), heldBy: 'both', fields: ['content', 'type'] },
      ...Array.from({ length: 13 }, (_, at) => ({ ...key(`own-${at}`), heldBy: 'ours' as const, fields: [] })),
    ],
    excesses: [{ ...key('long'), column: 'group_id', limit: 5, unit: 'characters', charset: 'utf8mb3' }],
    leftRows: [{ ...key('a b'), id: '7', column: 'data_id', reason: 'name', limit: 0 }],
    history: { ours: 6, theirs: 2, oursHash: 'dd', theirsHash: 'ee', alike: 2, unlike: 0, oursAlone: 4, theirsAlone: 0, tooBig: 1 },
    records: {
      ...{
        ours: 8,
        theirs: 3,
        oursHash: 'ff',
        theirsHash: 'gg',
        alike: 2,
        unlike: 1,
        oursAlone: 5,
        theirsAlone: 0,
        tooBig: 1,
        placeless: 2,
        left: 4,
      },
      areas: [],
      named: ['user "ann": not alike'],
    },
  },
}

it('says both sides, what differs, what does not fit, what stays, and what it would cost', () => {
  const text = moveLines(plan, false).join('\n')
  for (const part of [
    ...[
      '15, 30 bytes, hash aaaa',
      'h:3306: 4, 8 bytes, hash bbbb',
      'dev: 2 = 2',
      '2 alike, 1 unlike, 12 in the nodes alone, 1 in the database alone',
    ],
    ...['public / g / both: content, type', '… and 4 more', 'long: group_id: at most 5 characters', 'row 7 stays in the database (data_id: name)'],
    ...[
      'history: 6 rows in the nodes (hash dd), 2 in the database (hash ee)',
      '1 of them do not fit',
      'gray versions, capacities: 8 in the nodes (hash ff), 3 in the database (hash gg)',
      'user "ann": not alike',
      '2 have no table there',
      '4 rows of the database are none of these',
      '18000 rows to write, about 5 s',
      'no move: 1 configurations do not fit',
    ],
  ])
    expect(text).toContain(part)
})

it('says it in Chinese', () => {
  const text = moveLines(plan, true).join('\n')
  for (const part of ['相同 2', '只在节点中', '不能迁移', '约 5 秒', '第 7 行留在数据库中']) expect(text).toContain(part)
})

const counts: MovePlan['counts'] = [
  { area: 'configs', moved: 12, taken: 1, skipped: 3, overwritten: 0 },
  { area: 'namespaces', moved: 0, taken: 0, skipped: 0, overwritten: 0 },
  { area: 'users', moved: 2, taken: 0, skipped: 0, overwritten: 1 },
]

it('says what becomes of each kind of which something does, and that accounts stay', () => {
  const lines = [
    "  configurations: 12 moved, 1 taken over, 3 skipped (the database's stay), 0 overwritten (the nodes' stay)",
    "  users: 2 moved, 0 taken over, 0 skipped (the database's stay), 1 overwritten (the nodes' stay)",
    expect.stringContaining("users and roles that both have stay the nodes' under every policy"),
  ]
  expect(moveCountLines(counts, false)).toEqual(lines)
  expect(moveLines({ ...plan, counts }, false)).toEqual(expect.arrayContaining(lines))
  expect(moveCountLines(counts.slice(0, 2), true)).toEqual(['  配置：写入数据库 12，归入集群 1，跳过（以数据库为准）3，覆盖（以节点为准）0'])
})

it.each([
  ['storage move mysql://u:se@cret@h:1/d file', 'storage move mysql://u:***@h:1/d file'],
  ['storage move mysql://u@h:1/d', 'storage move mysql://u@h:1/d'],
  ['kill 2', 'kill 2'],
])('"%s" is shown as "%s"', (line, shown) => {
  expect(withoutPassword(line)).toBe(shown)
})

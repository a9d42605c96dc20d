/** Default reads: old is allowed, older than before is not. */

import { describe, expect, it } from 'vitest'
import { judgeSessions, type SessionEvent } from './session-checker.ts'

const never = Number.POSITIVE_INFINITY
const write = (session: string, [callAt, returnAt]: readonly [number, number], md5: string, index: number | null): SessionEvent => ({
  ...{ kind: 'write', session, key: 'k', md5, index, callAt, returnAt },
})
const read = (session: string, [callAt, returnAt]: readonly [number, number], md5: string, index = 0): SessionEvent => ({
  ...{ kind: 'read', session, key: 'k', md5, index, callAt, returnAt },
})
const two = [write('1', [1, 2], 'a', 1), write('1', [3, 4], 'b', 2)]

describe('default reads', () => {
  const good: Readonly<Record<string, SessionEvent[]>> = {
    'an old value at another node': [...two, read('2', [5, 6], 'a', 1), read('2', [7, 8], 'b', 2)],
    'nothing at another node': [...two, read('2', [5, 6], '')],
    'older again in a new life': [...two, read('2', [5, 6], 'b', 2), read('2 again', [7, 8], 'a', 1)],
    'two reads at once, in either order': [...two, read('2', [5, 8], 'a', 1), read('2', [6, 7], 'b', 2)],
    'nothing after a delete': [...two, write('2', [5, 6], '', 3), read('1', [7, 8], '')],
    'nothing after a delete of unknown outcome': [...two, write('2', [5, never], '', null), read('1', [7, 8], '')],
    'a value of unknown outcome': [...two, write('2', [5, never], 'c', null), read('1', [7, 8], 'c', 3)],
  }
  const bad: Readonly<Record<string, readonly [string, SessionEvent[]]>> = {
    'time runs backwards': ['read position 1, after it had answered with 2', [...two, read('2', [5, 6], 'b', 2), read('2', [7, 8], 'a', 1)]],
    'an own write is not seen': ['read position 1, after it had answered with 2', [...two, read('1', [5, 6], 'a', 1)]],
    'a seen value vanishes': ['read nothing', [...two, read('2', [5, 6], 'b', 2), read('2', [7, 8], '')]],
    'a deleted value returns': [
      'read position 2, after it had answered with 3',
      [...two, write('2', [5, 6], '', 3), read('1', [7, 8], ''), read('1', [9, 10], 'b', 2)],
    ],
    'a ghost': ['read c, which nobody had published', [...two, read('2', [5, 6], 'c', 3)]],
    'a value before its publish was called': ['read a, which nobody had published', [read('2', [0, 0.5], 'a', 1), ...two]],
    'one value at two positions': ['a stands at 1 and at 2', [two[0]!, read('2', [5, 6], 'a', 2)]],
  }
  for (const [name, events] of Object.entries(good)) it(`may be: ${name}`, () => expect(judgeSessions(events)).toEqual([]))
  for (const [name, [problem, events]] of Object.entries(bad))
    it(`may not be: ${name}`, () => expect(judgeSessions(events).join('\n')).toContain(problem))
})

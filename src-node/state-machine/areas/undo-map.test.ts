import { expect, it } from 'vitest'
import { createUndoMap } from './undo-map.ts'

const filled = () => {
  const map = createUndoMap<string, number>()
  map.set('a', 1)
  map.set('b', 2)
  map.publish()
  return map
}

it('holds what was set, and not what was deleted', () => {
  const map = filled()
  expect([map.delete('a'), map.delete('a')]).toEqual([true, false])
  map.set('c', 3)
  expect([map.get('a'), map.get('c'), map.size()]).toEqual([undefined, 3, 2])
  expect([[...map.keys()], [...map.values()], [...map.entries()]]).toEqual([
    ['b', 'c'],
    [2, 3],
    [
      ['b', 2],
      ['c', 3],
    ],
  ])
})

it('goes back to the last publish, whatever was changed how often', () => {
  const map = filled()
  map.set('a', 5)
  map.delete('a')
  map.set('a', 6)
  map.delete('b')
  map.set('c', 7)
  map.discard()
  expect(Object.fromEntries(map.entries())).toEqual({ a: 1, b: 2 })
})

it('keeps what was published', () => {
  const map = filled()
  map.delete('a')
  map.publish()
  map.discard()
  expect(Object.fromEntries(map.entries())).toEqual({ b: 2 })
})

import { expect, it } from 'vitest'
import { counter, gauge, metricsText } from './metrics-text.ts'

it('writes a family with its help, its type and its samples', () => {
  expect(metricsText([counter('a_total', 'All of it.', 3), gauge('b', 'One.', 0.5, { x: 'y' })])).toBe(
    '# HELP a_total All of it.\n# TYPE a_total counter\na_total 3\n# HELP b One.\n# TYPE b gauge\nb{x="y"} 0.5\n',
  )
})

it('leaves out what is not known, and a family without samples with it', () => {
  expect(metricsText([gauge('b', 'One.', null)])).toBe('')
})

it('lets no label end before its end', () => {
  expect(metricsText([gauge('b', 'One.', 1, { x: 'a"\\\n' })])).toContain('b{x="a\\"\\\\\\n"} 1')
})

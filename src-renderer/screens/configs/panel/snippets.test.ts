import { expect, test } from 'vitest'
import { snippet, snippetLanguages } from './snippets.ts'

const input = { address: 'http://127.0.0.1:8858', namespace: '', group: 'DEFAULT_GROUP', dataId: 'a:b.yaml' }

test('curl asks the live address, names encoded', () => {
  expect(snippet('curl', input)).toBe("curl 'http://127.0.0.1:8858/nacos/v1/cs/configs?dataId=a%3Ab.yaml&group=DEFAULT_GROUP'")
})

test.each(snippetLanguages)('%s names address, dataId and group', (language) => {
  const text = snippet(language, { ...input, dataId: 'app.yaml', group: 'G' })
  for (const part of ['127.0.0.1', '8858', 'app.yaml', 'G']) expect(text).toContain(part)
})

test.each(snippetLanguages)('%s names the namespace when there is one', (language) => {
  expect(snippet(language, { ...input, namespace: 'ns-1' })).toContain('ns-1')
})

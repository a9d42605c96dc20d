import { expect, test } from 'vitest'
import { readCommandLine } from './command-line.ts'

const nothing = { dataDir: null, port: null, devTools: false }

test.each([
  [[], {}],
  [['--data', '/d', '--port', '28848'], { dataDir: '/d', port: 28_848 }],
  [['--port=28848', '--data=/d e'], { dataDir: '/d e', port: 28_848 }],
  [['--no-sandbox', '--remote-debugging-port=0', '--inspect=0', '-x', 'word'], {}],
  [['--devtools'], { devTools: true }],
])('%j', (words, change) => expect(readCommandLine(words)).toEqual({ kind: 'ok', options: { ...nothing, ...change } }))

test.each([
  ['--data'],
  ['--port'],
  ['--data', '--port'],
  ['--data='],
  ['--port', 'x'],
  ['--port', '80'],
  ['--port', '65535'],
  ['--port', '-1'],
  ['--port', '8848.5'],
])('%s %s is refused in words', (...words) => expect(readCommandLine(words)).toMatchObject({ kind: 'bad', reason: expect.stringMatching(/^--/) }))

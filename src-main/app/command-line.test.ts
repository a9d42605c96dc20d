import { expect, test } from 'vitest'
import { readCommandLine } from './command-line.ts'

const nothing = { dataDir: null, port: null, devTools: false, storage: { kind: 'kept' }, auth: null }

test.each([
  [[], {}],
  [['--data', '/d', '--port', '28848'], { dataDir: '/d', port: 28_848 }],
  [['--port=28848', '--data=/d e'], { dataDir: '/d e', port: 28_848 }],
  [['--no-sandbox', '--remote-debugging-port=0', '--inspect=0', '-x', 'word'], {}],
  [['--devtools'], { devTools: true }],
  [['--auth', 'on'], { auth: true }],
  [['--auth=off'], { auth: false }],
  [['--storage', 'sqlite'], { storage: { kind: 'sqlite' } }],
  [
    ['--storage=mysql', '--mysql-url', 'mysql://u@h/d', '--mysql-password-file=p', '--mysql-adopt'],
    { storage: { kind: 'mysql', url: 'mysql://u@h/d', urlPassword: null, passwordFile: '/home/a/p', adopt: true } },
  ],
])('%j', (words, change) => expect(readCommandLine(words, '/home/a')).toEqual({ kind: 'ok', options: { ...nothing, ...change } }))

test.each([
  ['--data'],
  ['--port'],
  ['--data', '--port'],
  ['--data='],
  ['--auth', 'yes'],
  ['--port', 'x'],
  ['--port', '80'],
  ['--port', '65535'],
  ['--port', '-1'],
  ['--port', '8848.5'],
  ['--storage', 'oracle'],
  ['--storage', 'mysql'],
  ['--mysql-adopt'],
])('%s %s is refused in words', (...words) =>
  expect(readCommandLine(words, '/home/a')).toMatchObject({ kind: 'bad', reason: expect.stringMatching(/--\w/) }),
)

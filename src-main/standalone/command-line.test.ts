import { describe, expect, it } from 'vitest'
import { parseStandaloneLine, type StandaloneOptions } from './command-line.ts'

const peers = '1=nacos-0.nacos,2=nacos-1.nacos:8848,3=[fd00::3]:9000'
const parse = (...args: string[]) => parseStandaloneLine(args, { cwd: '/home/a', machine: 'nacos-1' })
const options = (...args: string[]): StandaloneOptions => {
  const line = parse(...args)
  if (line.kind !== 'run') throw new Error(line.kind === 'bad' ? line.sentence.en : 'help')
  return line.options
}
const refusal = (...args: string[]): string => {
  const line = parse(...args)
  return line.kind === 'bad' ? line.sentence.en : 'taken'
}
const shared = ['--peers', peers, '--data', 'x', '--secret-file', 's']

it('reads a node of three, its ports from the HTTP port', () => {
  const { peers: read, ...rest } = options('--id', '2', ...shared, '--listen', '0.0.0.0', '--set', 'tickMs=7')
  expect(read[0]).toEqual({ id: 1, host: 'nacos-0.nacos', httpPort: 8848, grpcPort: 9848, raftPort: 7848 })
  expect(read[2]).toEqual({ id: 3, host: 'fd00::3', httpPort: 9000, grpcPort: 10_000, raftPort: 8000 })
  expect(rest).toEqual({
    ...{ id: 2, listenHost: '0.0.0.0', dataDir: '/home/a/x', secretFile: '/home/a/s', clusterId: null, founders: null, expectsData: false },
    ...{ allowedHosts: ['nacos-0.nacos', 'nacos-1.nacos', '[fd00::3]'], authOn: false, storage: { kind: 'kept' }, overrides: { tickMs: 7 } },
  })
})

it('"pod" is the peer that is called like this machine', () => {
  expect(options('--id', 'pod', ...shared).id).toBe(2)
  expect(refusal('--id', 'pod', '--peers', '1=a,2=b', '--data', 'x', '--secret-file', 's')).toContain(
    'not exactly one of the --peers is called nacos-1',
  )
})

it('asks callers who they are when it is told to', () => {
  expect([options('--data', 'x', '--auth', 'on').authOn, options('--data', 'x', '--auth', 'off').authOn]).toEqual([true, false])
})

it('alone and on loopback it needs nothing but a folder', () => {
  expect(options('--data', '/d')).toMatchObject({
    id: 1,
    listenHost: '127.0.0.1',
    secretFile: null,
    peers: [{ id: 1, host: '127.0.0.1', httpPort: 8848 }],
  })
})

it.each([
  ['another machine can reach it', ['--data', 'x', '--listen', '10.0.0.1']],
  ['everybody can reach it', ['--id', '1', '--peers', '1=a', '--data', 'x', '--listen', '0.0.0.0']],
  ['it has peers', ['--id', '1', '--peers', '1=127.0.0.1,2=127.0.0.1:8849', '--data', 'x']],
])('it is refused without a secret if %s', (_why, args) => {
  expect(refusal(...args)).toMatch(/need.* --secret-file/)
})

it('names by which it may be called come with commas or one by one, its own ones besides', () => {
  const { allowedHosts } = options('--id', '1', ...shared, '--listen', '10.0.0.7', '--allow-host', 'Nacos,*.svc.cluster.local', '--allow-host', '::2')
  expect(allowedHosts).toEqual(['nacos', '*.svc.cluster.local', '[::2]', 'nacos-0.nacos', 'nacos-1.nacos', '[fd00::3]', '10.0.0.7'])
})

describe('each of these is refused in one sentence of both languages', () => {
  it.each([
    [['--nonsense']],
    [['extra']],
    [[...shared]],
    [['--id', '4', ...shared]],
    [['--id', '1', '--peers', 'nacos-0', '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', '1=a,1=b', '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', '1=a,2=A', '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', '1=a:80', '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', '1=a:65000', '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', Array.from({ length: 10 }, (_, at) => `${at + 1}=n${at}`).join(), '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', '1=a b', '--data', 'x', '--secret-file', 's']],
    [['--id', '1', '--peers', peers, '--secret-file', 's']],
    [['--data', '']],
    [['--data', 'x', '--listen', 'a:1']],
    [['--data', 'x', '--listen', '0.0.0.0', '--secret-file', 's']],
    [['--data', 'x', '--port', '80']],
    [['--data', 'x', '--id', '0']],
    [['--data', 'x', '--allow-host', 'nacos:8848']],
    [['--data', 'x', '--allow-host', '*']],
    [['--data', 'x', '--founders', '1,x']],
    [['--data', 'x', '--founders', '1,1']],
    [['--data', 'x', '--cluster-id', 'a b']],
    [['--data', 'x', '--set', 'tickMs']],
    [['--data', 'x', '--auth', 'yes']],
    [['--data', 'x', '--storage', 'mysql']],
  ])('%j', (args) => {
    const line = parse(...args)
    expect(line.kind === 'bad' && [line.sentence.en, line.sentence.zh]).toEqual([
      expect.stringMatching(/^[^\n]+; see nacos-trio node --help\.$/),
      expect.stringMatching(/^[^\n]+；请看 nacos-trio node --help。$/),
    ])
  })
})

it('--help is help, whatever else is said', () => {
  expect(parse('--help', '--port', '1')).toEqual({ kind: 'help' })
})

import { expect, it } from 'vitest'
import { describeProblem, exitCodeOf, languageOf } from '../cluster/problem-words.ts'
import { parseCommandLine } from './command-line.ts'
import { exitText, readyText } from './words.ts'

const parse = (...args: string[]) => parseCommandLine(args, '/home/a')

it('without options takes the defaults', () => {
  expect(parse()).toEqual({
    kind: 'run',
    options: { dataDir: null, port: null, nodes: null, json: false, console: true, storage: { kind: 'kept' }, auth: null, overrides: {} },
  })
})

it('reads every option, a relative folder from where the user stands', () => {
  expect(
    parse('--data', 'x', '--port=9000', '--nodes', '5', '--json', '--no-console', '--set', 'tickMs=7', '--set=heartbeatMs=50', '--auth', 'on'),
  ).toEqual({
    kind: 'run',
    options: {
      dataDir: '/home/a/x',
      port: 9_000,
      nodes: 5,
      json: true,
      console: false,
      storage: { kind: 'kept' },
      auth: true,
      overrides: { tickMs: 7, heartbeatMs: 50 },
    },
  })
})

it.each([
  [['--nonsense']],
  [['extra']],
  [['--port']],
  [['--port', 'abc']],
  [['--port', '70000']],
  [['--port', '1000']],
  [['--port', '-1']],
  [['--nodes', '0']],
  [['--nodes', '10']],
  [['--nodes', '3.5']],
  [['--data', '']],
  [['--auth', 'yes']],
  [['--set', 'tickMs']],
  [['--set', 'tickMs=fast']],
])('refuses %j in one sentence of each language', (args) => {
  const line = parse(...args)
  expect(line.kind).toBe('bad')
  if (line.kind !== 'bad') return
  for (const sentence of Object.values(line.sentence)) expect(sentence.split('\n')).toHaveLength(1)
})

it('shows help before anything else', () => {
  expect(parse('--help', '--port', 'abc')).toEqual({ kind: 'help' })
})

it.each([
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  [{}, 'en'],
])('chooses the language of %j', (env, language) => {
  expect(languageOf(env)).toBe(language)
})

it.each([
  [{ kind: 'port-taken', port: 8848, holder: { pid: 7, name: 'nginx' } } as const, 2, ['8848', 'nginx', '7']],
  [{ kind: 'port-taken', port: 8848, holder: null } as const, 2, ['8848']],
  [{ kind: 'folder-in-use', path: '/data', pid: 7, sinceMs: 0 } as const, 4, ['/data', '7']],
  [{ kind: 'folder-newer', path: '/data', version: 2 } as const, 1, ['/data', '2']],
  [{ kind: 'folder-unusable', path: '/data', code: 'ENOSPC' } as const, 1, ['/data', 'ENOSPC', '--data']],
])('words for %j name what matters, in both languages', (problem, code, names) => {
  expect(exitCodeOf(problem)).toBe(code)
  for (const language of ['en', 'zh'] as const) {
    const sentence = describeProblem(problem, language)
    for (const name of names) expect(sentence).toContain(name)
    expect(sentence.split('\n')).toHaveLength(1)
  }
})

it('the ready screen shows every address, the leader and what to try', () => {
  const place = (id: number) => ({ id, host: '127.0.0.1', httpPort: 8847 + id, grpcPort: 9847 + id, raftPort: 7847 + id, dir: `/d/node-${id}` })
  const facts = {
    places: [1, 2, 3].map(place),
    readiness: { leaderId: 2, degraded: [3] },
    dataDir: '/d',
    tookMs: 640,
    consoleUrl: 'http://127.0.0.1:1/#code=x',
  }
  const text = readyText(facts, 'en')
  for (const part of ['2 of 3 nodes serve, node 2 leads', '127.0.0.1:9850', '127.0.0.1:7848', 'not ready', 'curl -X POST', '#code=x'])
    expect(text).toContain(part)
  expect(readyText({ ...facts, consoleUrl: null }, 'zh')).not.toContain('控制台')
})

it.each([
  ['ended by SIGKILL, which the supervisor did not send', /被信号 SIGKILL 终止/],
  ['state.db is damaged; not started again: its data is damaged', /state\.db is damaged；数据已损坏，不再自动启动$/],
  ['asked to stop', /：按要求停止$/],
])('an exit because of "%s" is told in Chinese too', (reason, words) => {
  expect(exitText({ id: 1, pid: 2, reason }, 'zh')).toMatch(words)
  expect(exitText({ id: 1, pid: 2, reason }, 'en')).toBe(`Node 1 (pid 2) is down: ${reason}`)
})

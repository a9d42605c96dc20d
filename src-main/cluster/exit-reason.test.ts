import { expect, it } from 'vitest'
import { describeExit, type ExitContext, type RawExit } from './exit-reason.ts'

const plain: ExitContext = { asked: false, killedFor: null, farewell: null, lastLine: null }

it.each<[string, RawExit, Partial<ExitContext>, string, RegExp]>([
  ['a foreign kill', { code: null, signal: 'SIGKILL' }, {}, 'signal', /SIGKILL, which the supervisor did not send/],
  ['a kill by the user', { code: null, signal: 'SIGKILL' }, { killedFor: 'user' }, 'killed-by-user', /by the user/],
  ['an answered stop', { code: 0, signal: null }, { asked: true, farewell: { exitCode: 0, reason: 'asked to stop' } }, 'asked', /^asked to stop$/],
  ['a stop that had to be forced', { code: null, signal: 'SIGKILL' }, { asked: true, killedFor: 'slow-stop' }, 'asked', /did not stop in time/],
  [
    'a taken port, in its own words',
    { code: 11, signal: null },
    { farewell: { exitCode: 11, reason: 'port 8848 is taken' } },
    'port-taken',
    /port 8848/,
  ],
  ['data that is read-only', { code: 17, signal: null }, { lastLine: 'EROFS' }, 'data-read-only', /exit code 17.*EROFS/],
  ['damaged data, without a last word', { code: 12, signal: null }, { lastLine: 'Error: torn page' }, 'data-damaged', /exit code 12.*torn page/],
  ['zero without a farewell is no clean end', { code: 0, signal: null }, {}, 'other', /exit code 0 and no last word/],
  ['an unknown code', { code: 77, signal: null }, {}, 'other', /exit code 77/],
])('%s', (_, exit, context, kind, reason) => {
  expect(describeExit(exit, { ...plain, ...context })).toEqual({ kind, reason: expect.stringMatching(reason) })
})

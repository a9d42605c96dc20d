/** Starts a client's program, asks it, gathers what it tells, and ends it. Every wait has a limit; nothing of it is left behind. */

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { repository } from '../../support/headless.ts'
import { isAlive, signal } from '../../support/processes.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { Line, ProgramOptions, ServiceInstance, Verb, Verbs } from './protocol.ts'

/** Longer than any client waits for a server before it says that it has none. */
const answerLimitMs = 20_000
const readyLimitMs = 20_000
const endLimitMs = 3_000
/** Of what a program said on stderr. */
const wordsKept = 4_000

export interface Program {
  ask<V extends Verb>(verb: V, given: Verbs[V]['with']): Promise<Verbs[V]['gives']>
  /** All that was told of a configuration, oldest first. */
  contents(dataId: string): readonly string[]
  /** All pictures of a service, oldest first. */
  pictures(service: string): readonly (readonly ServiceInstance[])[]
  /** Whether each name was told as there, by what was told of it last. */
  names(): ReadonlyMap<string, boolean>
  end(): Promise<void>
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

interface Waiting {
  readonly done: (value: never) => void
  readonly fail: (error: Error) => void
}

/** Null for what a client prints of its own, before it can be told not to. */
const lineIn = (text: string): Line | null => {
  if (!text.startsWith('{')) return null
  try {
    const value = JSON.parse(text) as Partial<Line>
    return value.kind === undefined ? null : (value as Line)
  } catch {
    return null
  }
}

/** Files that a client keeps for itself (snapshots, logs) go into a folder that ends with it. */
export const startProgram = async (command: Command, options: ProgramOptions): Promise<Program> => {
  const home = await mkdtemp(join(tmpdir(), 'nacos-trio-client-'))
  const env = { ...process.env, ...command.env, HOME: home }
  const child = spawn(command.file, [...command.args, JSON.stringify(options)], { cwd: repository, env })
  const told: Line[] = []
  const waiting = new Map<number, Waiting>()
  let words = ''
  let asked = 0
  let gone: string | null = null

  const take = (line: Line): void => {
    if (line.kind !== 'done' && line.kind !== 'failed') return void told.push(line)
    const order = waiting.get(line.id)
    waiting.delete(line.id)
    if (line.kind === 'done') order?.done(line.value as never)
    else order?.fail(new Error(line.problem))
  }
  const isOver = (why: string): void => {
    gone = why
    for (const order of waiting.values()) order.fail(new Error(`${why}: ${words}`))
    waiting.clear()
  }
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = lineIn(text)
    if (line !== null) take(line)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    words = `${words}${chunk.toString('utf8')}`.slice(-wordsKept)
  })
  child.stdin.on('error', () => undefined)
  child.once('error', (error) => isOver(`the program did not start: ${error.message}`))
  child.once('close', (code, name) => isOver(`the program ended with ${code ?? name}`))

  const end = async (): Promise<void> => {
    const pid = child.pid ?? -1
    child.stdin.end()
    await waitUntil('the program to end', () => gone !== null, endLimitMs).catch(() => undefined)
    if (pid > 0 && isAlive(pid)) signal(pid, 'SIGKILL')
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await waitUntil(
      'the program to be ready',
      () => {
        if (gone === null) return told.some(({ kind }) => kind === 'ready')
        return true
      },
      readyLimitMs,
    )
    if (gone !== null) throw new Error(gone)
  } catch (error) {
    await end()
    throw new Error(`${error instanceof Error ? error.message : error}: ${words}`)
  }
  return {
    end,
    ask: (verb, given) =>
      new Promise((done, fail) => {
        if (gone !== null) return fail(new Error(`${gone}: ${words}`))
        const id = ++asked
        const late = setTimeout(() => {
          waiting.delete(id)
          fail(new Error(`no answer to ${verb} in ${answerLimitMs} ms: ${words}`))
        }, answerLimitMs)
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T): void => {
            clearTimeout(late)
            settle(value)
          }
        waiting.set(id, { done: settled(done), fail: settled(fail) })
        child.stdin.write(`${JSON.stringify({ id, do: verb, with: given })}\n`)
      }),
    contents: (dataId) => told.flatMap((line) => (line.kind === 'config' && line.dataId === dataId ? [line.content] : [])),
    names: () => new Map(told.flatMap((line) => (line.kind === 'name' ? [[line.name, line.isThere] as const] : []))),
    pictures: (service) => told.flatMap((line) => (line.kind === 'service' && line.service === service ? [line.instances] : [])),
  }
}

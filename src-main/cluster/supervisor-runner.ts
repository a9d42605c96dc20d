/**
 * Carries out what the supervisor's reducer asks for: processes, signals, timers. Holds the only handles to workers.
 * It must decide nothing itself: every decision is `supervise`.
 */

import { exitCodes, type NodeStart, type ParentToWorker, type WorkerToParent } from '../../src-node/observe/channel.ts'
import type { Launcher, WorkerExit, WorkerHandle, WorkerListener, WorkerSpec } from './launcher.ts'
import { supervise } from './supervisor.ts'
import { type Command, type Effect, type Input, initialState, type SupervisorState } from './supervisor-state.ts'
import type { ActionResult, Instant, LastExit } from './types.ts'

export type LogSink = (level: 'info' | 'warn' | 'error', text: string) => void

export interface SupervisorOptions {
  readonly ids: readonly number[]
  readonly launcher: Launcher
  readonly now: () => Instant
  readonly spec: (id: number) => WorkerSpec
  /** Asked for at the moment a worker greets, so that it gets the newest addresses. */
  readonly startOf: (id: number) => NodeStart
  readonly log: LogSink
  /** More about a port that the node found taken (its holder), as words to put behind the node's own; bounded in time, never rejects. */
  readonly explainPorts: (id: number) => Promise<string>
  /** Whether the disk of this node has room for a start; never rejects. */
  readonly hasRoom: (id: number) => Promise<boolean>
  readonly onSpawned: (id: number, pid: number) => void
  readonly onMessage: (id: number, message: WorkerToParent) => void
  readonly onExit: (id: number, pid: number | null, exit: LastExit) => void
  /** After every step, when the new state is in place. */
  readonly onChange: () => void
}

export interface Supervisor {
  readonly state: () => SupervisorState
  readonly command: (command: Command) => ActionResult
  /** The node serves: its life counts as healthy. */
  readonly markServing: (id: number) => void
  /** False when the node has no process that listens. */
  readonly send: (id: number, message: ParentToWorker) => boolean
  /** Clears all timers; to be called when every worker is gone. */
  readonly dispose: () => void
}

interface Living {
  readonly life: number
  readonly handle: WorkerHandle
}

const createTimers = (fire: (id: number, name: Extract<Effect, { kind: 'set-timer' }>['name']) => void) => {
  const timers = new Map<string, NodeJS.Timeout>()
  const clear = (key: string): void => {
    clearTimeout(timers.get(key))
    timers.delete(key)
  }
  return {
    set: ({ id, name, delayMs }: Extract<Effect, { kind: 'set-timer' }>): void => {
      const key = `${id} ${name}`
      clear(key)
      const timer = setTimeout(() => {
        timers.delete(key)
        fire(id, name)
      }, delayMs)
      timers.set(key, timer)
    },
    clear: ({ id, name }: Extract<Effect, { kind: 'clear-timer' }>): void => clear(`${id} ${name}`),
    clearAll: (): void => {
      for (const key of [...timers.keys()]) clear(key)
    },
  }
}

interface LifeHooks {
  readonly id: number
  readonly life: number
  readonly options: SupervisorOptions
  readonly step: (input: Input) => void
  readonly living: Map<number, Living>
}

/** Turns what one process does into news of that life; late words of an older life are dropped. */
const createListener = ({ id, life, options, step, living }: LifeHooks): WorkerListener => {
  let explained: Promise<void> | null = null
  const bye = (message: Extract<WorkerToParent, { kind: 'bye' }>, more: string): void => {
    step({ kind: 'bye', id, life, farewell: { exitCode: message.exitCode, reason: message.reason + more } })
  }
  const end = (exit: WorkerExit): void => {
    if (living.get(id)?.life === life) living.delete(id)
    step({ kind: 'exited', id, life, ...exit })
  }
  return {
    spawned: (pid) => {
      step({ kind: 'spawned', id, life, pid })
      options.onSpawned(id, pid)
    },
    message: (message) => {
      if (living.get(id)?.life !== life) return
      if (message.kind === 'hello' || message.kind === 'listening') step({ kind: message.kind, id, life })
      if (message.kind === 'bye' && message.exitCode === exitCodes.portTaken) {
        explained = options.explainPorts(id).then((more) => bye(message, more))
      } else if (message.kind === 'bye') bye(message, '')
      options.onMessage(id, message)
    },
    exited: (exit) => {
      if (explained === null) end(exit)
      else void explained.then(() => end(exit))
    },
  }
}

/** Starts nothing by itself: send it a `start` or `start-all` command. */
export const createSupervisor = (options: SupervisorOptions): Supervisor => {
  let state = initialState(options.ids)
  const living = new Map<number, Living>()
  const timers = createTimers((id, name) => step({ kind: 'timer', id, name }))

  const spawn = ({ id, life }: Extract<Effect, { kind: 'spawn' }>): void => {
    const listener = createListener({ id, life, options, step, living })
    try {
      living.set(id, { life, handle: options.launcher.launch(options.spec(id), listener) })
    } catch (error) {
      const lastLine = error instanceof Error ? error.message : String(error)
      queueMicrotask(() => listener.exited({ code: null, signal: null, lastLine }))
    }
  }

  const send = (id: number, message: ParentToWorker): boolean => living.get(id)?.handle.send(message) ?? false

  const carryOut = (effect: Effect): void => {
    switch (effect.kind) {
      case 'spawn':
        spawn(effect)
        break
      case 'send-start':
        send(effect.id, { kind: 'start', start: options.startOf(effect.id) })
        break
      case 'send-stop':
        send(effect.id, { kind: 'stop' })
        break
      case 'signal':
        living.get(effect.id)?.handle.signal(effect.signal)
        break
      case 'set-timer':
        timers.set(effect)
        break
      case 'clear-timer':
        timers.clear(effect)
        break
      case 'look-for-room':
        void options.hasRoom(effect.id).then((found) => step({ kind: 'room', id: effect.id, found }))
        break
      case 'log':
        options.log(effect.level, effect.text)
        break
      case 'exited':
        options.onExit(effect.id, effect.pid, effect.exit)
        break
    }
  }

  const step = (input: Input): ActionResult => {
    const { state: next, effects, result } = supervise(state, input, options.now())
    state = next
    for (const effect of effects) carryOut(effect)
    options.onChange()
    return result
  }

  const markServing = (id: number): void => {
    const node = state.nodes.find((candidate) => candidate.id === id)
    if (node !== undefined && !node.healthy) step({ kind: 'serving', id, life: node.life })
  }

  return { state: () => state, command: step, markServing, send, dispose: timers.clearAll }
}

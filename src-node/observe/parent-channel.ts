/**
 * The one line to the process that supervises this worker: Node's IPC channel, or Electron's parent port where there is
 * one. Sending never throws and never waits; a channel that closed is told once. It owns no message's meaning.
 */

import type { ParentToWorker, WorkerToParent } from './channel.ts'

export interface ParentChannel {
  /** False: there is nobody to hear it. */
  send(message: WorkerToParent): boolean
  onMessage(listener: (message: ParentToWorker) => void): void
  /** The supervisor is gone. Electron tells it by the end of the process only; the watchdog sees it there. */
  onClosed(listener: () => void): void
}

/** What Electron puts on `process` in a utility process. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
}

const parentPortOf = (host: NodeJS.Process): ParentPort | null => (host as NodeJS.Process & { readonly parentPort?: ParentPort }).parentPort ?? null

const isMessage = (value: unknown): value is ParentToWorker => typeof value === 'object' && value !== null && 'kind' in value

const overParentPort = (port: ParentPort): ParentChannel => ({
  send: (message) => {
    port.postMessage(message)
    return true
  },
  onMessage: (listener) => {
    port.on('message', ({ data }) => {
      if (isMessage(data)) listener(data)
    })
  },
  onClosed: () => {},
})

const overIpc = (host: NodeJS.Process): ParentChannel => ({
  send: (message) => {
    if (host.send === undefined || !host.connected) return false
    // The callback takes the error of a channel that closes at this moment; without it, it would be thrown.
    host.send(message, undefined, undefined, () => {})
    return true
  },
  onMessage: (listener) => {
    host.on('message', (message) => {
      if (isMessage(message)) listener(message)
    })
  },
  onClosed: (listener) => {
    host.once('disconnect', listener)
  },
})

/** Null: started by hand, without a supervisor. */
export const openParentChannel = (host: NodeJS.Process): ParentChannel | null => {
  const port = parentPortOf(host)
  if (port !== null) return overParentPort(port)
  return host.send === undefined ? null : overIpc(host)
}

/**
 * The words for "how we are connected" and the port every transport fills in. Types and one error, no behaviour.
 */

import type { ClientContext, ClientLink } from '@orpc/client'

/** What the console may show about its line to the supervising process. Times are wall ms. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly sinceMs: number }
  | { readonly kind: 'lost'; readonly attempt: number; readonly retryAtMs: number }
  /** Browser only. `absent`: opened without a code; `refused`: the code was wrong, used or too old; `expired`: the program was started anew. */
  | { readonly kind: 'needs-code'; readonly reason: 'absent' | 'refused' | 'expired' }

export type CodeOutcome = 'accepted' | 'refused' | 'too-many-attempts' | 'unreachable'

export type ConsoleLink = ClientLink<ClientContext>

export interface Transport {
  state(): ConnectionState
  /** Calls `listener` after each change of state or link. */
  subscribe(listener: () => void): () => void
  /** The link of the open connection; null unless `state().kind` is `open`. */
  link(): ConsoleLink | null
  submitCode(code: string): Promise<CodeOutcome>
  /** Tries at once instead of waiting for the back-off. */
  retryNow(): void
  close(): void
}

/** The line was down (`sent` false) or broke while a call was under way (`sent` true: its outcome is not known). */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly sent: boolean
  constructor(sent: boolean) {
    super(sent ? 'The line to the app broke before the answer came.' : 'The console is not connected to the app.')
    this.sent = sent
  }
}

/** State, link and listeners of a transport, kept in one place so that both transports report alike. */
export function createConnectionCell(first: ConnectionState) {
  const listeners = new Set<() => void>()
  let state = first
  let link: ConsoleLink | null = null
  return {
    state: () => state,
    link: () => link,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    set(next: ConnectionState, nextLink: ConsoleLink | null = null) {
      state = next
      link = nextLink
      for (const listener of [...listeners]) listener()
    },
  }
}

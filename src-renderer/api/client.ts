/**
 * The typed client over whichever line is open at the moment of a call. A call made while the line is down waits for it, with a limit;
 * one that was under way when the line broke ends with `ConnectionError.sent`, never by being sent again.
 */

import { type ClientContext, type ClientOptions, createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../src-main/contract/index.ts'
import { ConnectionError, type ConsoleLink, type Transport } from './connection.ts'

/** How long a call waits for a line that is being (re)opened. */
const waitForLineMs = 5_000

export type ConsoleClient = ContractRouterClient<Contract>

export function createConsoleClient(transport: Transport): ConsoleClient {
  const link: ConsoleLink = {
    async call(path, input, options: ClientOptions<ClientContext>) {
      const open = await openLink(transport, options.signal)
      try {
        return await open.call(path, input, options)
      } catch (error) {
        if (transport.link() !== open && options.signal?.aborted !== true) throw new ConnectionError(true)
        throw error
      }
    },
  }
  return createORPCClient(link)
}

function openLink(transport: Transport, signal: AbortSignal | undefined): Promise<ConsoleLink> {
  const now = transport.link()
  if (now) return Promise.resolve(now)
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer)
      unsubscribe()
      signal?.removeEventListener('abort', onAbort)
      act()
    }
    const onAbort = () => settle(() => reject(signal?.reason))
    const look = () => {
      const link = transport.link()
      if (link) settle(() => resolve(link))
      else if (transport.state().kind === 'needs-code') settle(() => reject(new ConnectionError(false)))
    }
    const timer = setTimeout(() => settle(() => reject(new ConnectionError(false))), waitForLineMs)
    const unsubscribe = transport.subscribe(look)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    else look()
  })
}

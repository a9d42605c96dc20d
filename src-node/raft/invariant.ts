/**
 * A broken promise of the core. It is never caught to carry on: the node process logs it and ends (design 8). `data-lost` means
 * that not the core is wrong but the disk: it lacks what this node once had on it, and a restart will not bring it back.
 */

interface InvariantError extends Error {
  readonly name: 'InvariantError'
  readonly kind: 'broken' | 'data-lost'
}

function invariantError(kind: InvariantError['kind'], what: string): InvariantError {
  return Object.assign(new Error(what), { name: 'InvariantError', kind } as const)
}

/** Ends the caller's turn: state that breaks a safety property must not be acted on. */
export function broken(what: string): never {
  throw invariantError('broken', what)
}

/** Ends the caller's turn: this node's disk has lost what others rely on, so it may not vote or acknowledge from it. */
export function dataLost(what: string): never {
  throw invariantError('data-lost', what)
}

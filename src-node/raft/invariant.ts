/** A broken promise of the core. It is never caught to carry on: the node process logs it and ends (design 8). */

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Ends the caller's turn: state that breaks a safety property must not be acted on. */
export function broken(what: string): never {
  throw new InvariantError(what)
}

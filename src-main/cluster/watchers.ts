/** Waiting for the cluster to be in some state: asked again after every change, never by polling. */

export interface Watchers {
  /** Resolves with the first answer that is not undefined. */
  readonly when: <Answer>(ask: () => Answer | undefined) => Promise<Answer>
  readonly changed: () => void
}

export const createWatchers = (): Watchers => {
  const looks = new Set<() => void>()
  const when = <Answer>(ask: () => Answer | undefined): Promise<Answer> =>
    new Promise((resolve) => {
      const look = (): void => {
        const answer = ask()
        if (answer === undefined) return
        looks.delete(look)
        resolve(answer)
      }
      looks.add(look)
      look()
    })
  return {
    when,
    changed: () => {
      for (const look of [...looks]) look()
    },
  }
}

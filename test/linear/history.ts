/**
 * What clients saw: who asked for what, when, and what came back. It keeps the three rules that make a history judgeable: what certainly
 * failed is left out, what may have happened has no end, and a client with an open end goes on under another name.
 */

export interface Operation<I, O> {
  /** `client.generation`: two operations of one name never overlap. */
  readonly client: string
  readonly key: string
  readonly input: I
  /** Null: nobody knows what became of it. */
  readonly output: O | null
  readonly callAt: number
  /** Infinity for an unknown outcome: it may take effect at any time from its call on, or never. */
  readonly returnAt: number
}

/** The one end of an operation; a second end throws. */
export interface OpenOperation<O> {
  returned(output: O): void
  /** Certainly never executed. */
  failed(): void
  unknown(): void
}

export interface Recorder<I, O> {
  begin(call: { readonly client: number; readonly key: string; readonly input: I }): OpenOperation<O>
  /** In the order of their calls; what is open now counts as unknown. */
  operations(): readonly Operation<I, O>[]
}

interface Row<I, O> {
  operation: Operation<I, O> | null
  open: boolean
}

/** `now` must never fall: one clock for all clients (a counter, or one process's monotonic clock). */
export function createRecorder<I, O>(now: () => number): Recorder<I, O> {
  const rows: Row<I, O>[] = []
  /** Each client's newest generation, and whether that one is free to ask again. */
  const names = new Map<number, { generation: number; free: boolean }>()

  const nameOf = (client: number) => {
    const known = names.get(client)
    if (known?.free) {
      known.free = false
      return known
    }
    const fresh = { generation: known === undefined ? 0 : known.generation + 1, free: false }
    names.set(client, fresh)
    return fresh
  }

  return {
    begin({ client, key, input }) {
      const name = nameOf(client)
      const asked: Operation<I, O> = {
        ...{ client: `${client}.${name.generation}`, key, input, output: null },
        ...{ callAt: now(), returnAt: Number.POSITIVE_INFINITY },
      }
      const row: Row<I, O> = { operation: asked, open: true }
      rows.push(row)
      const end = (operation: Operation<I, O> | null, free: boolean) => {
        if (!row.open) throw new Error(`client ${asked.client} is answered twice`)
        row.open = false
        row.operation = operation
        name.free = free
      }
      return {
        returned: (output) => end({ ...asked, output, returnAt: now() }, true),
        failed: () => end(null, true),
        unknown: () => end(asked, false),
      }
    },
    operations: () => rows.flatMap(({ operation }) => operation ?? []),
  }
}

/** Linearizability composes: each key may be judged alone, which is what makes long histories cheap. */
export function splitByKey<I, O>(operations: readonly Operation<I, O>[]): ReadonlyMap<string, readonly Operation<I, O>[]> {
  return Map.groupBy(operations, ({ key }) => key)
}

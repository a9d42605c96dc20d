/** The sheet that measures write their figures on, and the words for numbers on it. */

export interface Row {
  readonly name: string
  readonly value: string
  readonly note: string
}

export interface Figures {
  /** The fixed names; only what was measured. */
  readonly keys: Record<string, number>
  readonly conditions: Record<string, string | number>
  readonly rows: readonly Row[]
  /** Promises that did not hold while measuring, in words. */
  readonly broken: readonly string[]
}

export interface Task {
  readonly only: readonly string[]
  readonly measuredMs: number
  readonly kills: number
  /** Of `many`. */
  readonly configs: number
  /** Where the nodes of publish, push, read, rss, register, register-grpc and mysql-publish leave a CPU profile each; null: nowhere, and full speed. */
  readonly profileDir: string | null
  readonly say: (words: string) => void
}

/** Figures while they are taken. */
export interface Sheet {
  readonly keys: Record<string, number>
  readonly conditions: Record<string, string | number>
  readonly rows: Row[]
  readonly broken: string[]
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`

/** The suites of `npm test`: what each needs of the machine, and in which order and company it runs. */

import { findChromium, findDisplay, findElectron, findMariadb, findNamespaces, type Tool } from './tools.ts'

export interface Suite {
  /** Also the name of its vitest project. */
  readonly name: string
  readonly needs: readonly (() => Tool)[]
  readonly needsBuild: boolean
  /** Files at a time. */
  readonly workers: number
  /** Put before the command, e.g. the virtual display. */
  readonly wrapper: () => readonly string[]
}

const plain = (name: string): Suite => ({ name, needs: [], needsBuild: false, workers: 1, wrapper: () => [] })

const virtualDisplay = (): readonly string[] => {
  const display = findDisplay()
  return 'found' in display && display.found !== '' ? [display.found, '-a'] : []
}

/**
 * Waves run one after another; the suites of one wave side by side: the pure ones share the two cores, whatever starts real processes and measures
 * waits has the machine to itself. Scenarios that mostly wait go two files at a time.
 */
export const waves: readonly (readonly Suite[])[] = [
  [{ ...plain('unit'), workers: 2 }],
  [plain('sim'), plain('renderer')],
  // Machines of their own have ports of their own: nothing that runs beside them can take one.
  [
    { ...plain('mysql'), needs: [findMariadb] },
    { ...plain('namespaces'), needs: [findNamespaces], needsBuild: true },
  ],
  [{ ...plain('integration'), needsBuild: true }],
  [{ ...plain('patient'), needsBuild: true, workers: 2 }],
  [{ ...plain('e2e-browser'), needs: [findChromium], needsBuild: true }],
  [{ ...plain('e2e-electron'), needs: [findElectron, findDisplay], needsBuild: true, wrapper: virtualDisplay }],
]

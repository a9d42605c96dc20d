/** Answers the contract's `app`. */

import type { AppInfo } from '../contract/index.ts'
import type { ContractBuilder } from './router.ts'

export interface ShellFacts {
  readonly version: string
  readonly shell: AppInfo['shell']
  readonly dataDir: string
  /** BCP 47 tag; null: whatever the runtime believes. */
  readonly locale: string | null
}

/** What the console says about the program it runs in. */
export function appInfo({ version, shell, dataDir, locale }: ShellFacts): AppInfo {
  return {
    version,
    shell,
    dataDir,
    platform: process.platform,
    versions: { node: process.versions.node, electron: process.versions.electron ?? null },
    locale: locale ?? Intl.DateTimeFormat().resolvedOptions().locale,
  }
}

export function appProcedures(os: ContractBuilder, info: AppInfo) {
  return { info: os.app.info.handler(() => info) }
}

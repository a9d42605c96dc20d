/** The Chromium of this machine, quiet and without traffic of its own. */

import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../runner/tools.ts'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

export const startChromium = (): Promise<Browser> => {
  const tool = findChromium()
  if ('missing' in tool) throw new Error(tool.missing)
  return chromium.launch({ executablePath: tool.found, args })
}

/** Which 1.x clients take pushes over UDP: known by what they call themselves, from a version on that a switch sets (nacos-http 15, 8.8). */

import type { Switches } from '../../../naming/naming-port.ts'
import type { PlainRequest } from '../plain/plain-port.ts'

/** Beginnings of agents, and the switch with the first version that takes pushes. */
const kinds: readonly (readonly [start: string, versionSwitch: string])[] = [
  ['Nacos-Java-Client', 'pushJavaVersion'],
  ['Nacos-Go-Client', 'pushGoVersion'],
  ['Nacos-CSharp-Client', 'pushCSharpVersion'],
  ['Nacos-C-Client', 'pushCVersion'],
  ['Nacos-DNS', 'pushPythonVersion'],
]

const agentCharactersMax = 256

/** `User-Agent`, or `Client-Version` where there is none. */
export const agentOf = ({ headers }: PlainRequest): string => {
  const version = headers['client-version']
  return ((headers['user-agent'] ?? '').trim() || (typeof version === 'string' ? version.trim() : '')).slice(0, agentCharactersMax)
}

const numbersOf = (version: string): readonly number[] => (/^\d{1,6}(\.\d{1,6}){0,3}/.exec(version)?.[0] ?? '0').split('.').map(Number)

const atLeast = (version: string, least: string): boolean => {
  const [own, wanted] = [numbersOf(version), numbersOf(least)]
  for (let at = 0; at < Math.max(own.length, wanted.length); at++) {
    const difference = (own[at] ?? 0) - (wanted[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

export const takesPushes = (agent: string, switches: Switches): boolean => {
  if (switches.pushEnabled === false) return false
  const kind = kinds.find(([start]) => agent.startsWith(start))
  if (kind === undefined) return false
  const at = agent.indexOf(':v')
  const least = switches[kind[1]]
  return at >= 0 && atLeast(agent.slice(at + 2), typeof least === 'string' ? least : '0')
}

/** The switches of naming (nacos-http 8.8): their defaults, what may be set, and how the text of a value is read. Equal on all nodes. */

import type { Switches } from './naming-port.ts'

const defaults = {
  masters: null,
  adWeightMap: {},
  defaultPushCacheMillis: 10_000,
  clientBeatInterval: 5_000,
  defaultCacheMillis: 3_000,
  distroThreshold: 0.7,
  healthCheckEnabled: true,
  autoChangeHealthCheckEnabled: true,
  distroEnabled: true,
  enableStandalone: true,
  pushEnabled: true,
  checkTimes: 3,
  httpHealthParams: { max: 5000, min: 500, factor: 0.85 },
  tcpHealthParams: { max: 5000, min: 1000, factor: 0.75 },
  mysqlHealthParams: { max: 3000, min: 2000, factor: 0.65 },
  incrementalList: [],
  serverStatusSynchronizationPeriodMillis: 2_000,
  serviceStatusSynchronizationPeriodMillis: 5_000,
  disableAddIP: false,
  sendBeatOnly: false,
  lightBeatEnabled: true,
  limitedUrlMap: {},
  distroServerExpiredMillis: 10_000,
  pushGoVersion: '0.1.0',
  pushJavaVersion: '0.1.0',
  pushPythonVersion: '0.4.3',
  pushCVersion: '1.0.12',
  pushCSharpVersion: '0.9.0',
  enableAuthentication: false,
  overriddenServerStatus: null,
  defaultInstanceEphemeral: true,
  healthCheckWhiteList: [],
  checksum: null,
  name: '00-00---000-NACOS_SWITCH_DOMAIN-000---00-00',
} as const

type Member = keyof typeof defaults
type Change = Partial<Record<Member, unknown>>
/** Null: not a value of that entry. */
type Reading = (value: string) => Change | null

const flag =
  (member: Member): Reading =>
  (value) => ({ [member]: /^true$/i.test(value) })

const whole =
  (member: Member, min: number): Reading =>
  (value) => {
    const number = Number(value)
    return /^\d{1,9}$/.test(value) && number >= min ? { [member]: number } : null
  }

const pushMembers: Readonly<Record<string, Member>> = {
  java: 'pushJavaVersion',
  python: 'pushPythonVersion',
  c: 'pushCVersion',
  go: 'pushGoVersion',
  csharp: 'pushCSharpVersion',
}

const pushVersion: Reading = (value) => {
  const [type = '', version = ''] = value.split(':', 2)
  const member = Object.hasOwn(pushMembers, type) ? pushMembers[type] : undefined
  return member !== undefined && /^\d+\.\d+\.\d+$/.test(version) ? { [member]: version } : null
}

const limitedUrls: Reading = (value) => {
  const pairs = value.split(',').map((each) => each.split(':', 2))
  const isGood = value === '' || pairs.every(([url = '', status = '']) => url !== '' && /^[1-9]\d{2}$/.test(status))
  if (!isGood) return null
  return { limitedUrlMap: Object.fromEntries(value === '' ? [] : pairs.map(([url = '', status = '']) => [url, Number(status)])) }
}

const distroThreshold: Reading = (value) => {
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number) && number > 0 ? { distroThreshold: number } : null
}

const entries: Readonly<Record<string, Reading>> = {
  // Several at once, in old versions; nothing of it is a switch any more.
  batch: () => ({}),
  distroThreshold,
  clientBeatInterval: whole('clientBeatInterval', 0),
  pushVersion,
  pushCacheMillis: whole('defaultPushCacheMillis', 10_000),
  defaultCacheMillis: whole('defaultCacheMillis', 1_000),
  masters: (value) => ({ masters: value.split(',') }),
  distro: flag('distroEnabled'),
  check: flag('healthCheckEnabled'),
  pushEnabled: flag('pushEnabled'),
  serviceStatusSynchronizationPeriodMillis: whole('serviceStatusSynchronizationPeriodMillis', 5_000),
  serverStatusSynchronizationPeriodMillis: whole('serverStatusSynchronizationPeriodMillis', 15_000),
  healthCheckTimes: whole('checkTimes', 0),
  disableAddIP: flag('disableAddIP'),
  sendBeatOnly: flag('sendBeatOnly'),
  limitedUrlMap: limitedUrls,
  enableStandalone: flag('enableStandalone'),
  overriddenServerStatus: (value) => ({ overriddenServerStatus: value === 'NULL' || value === '' ? null : value }),
  defaultInstanceEphemeral: flag('defaultInstanceEphemeral'),
  distroServerExpiredMillis: whole('distroServerExpiredMillis', 0),
  lightBeatEnabled: flag('lightBeatEnabled'),
  autoChangeHealthCheckEnabled: flag('autoChangeHealthCheckEnabled'),
}

/** One entry may stand for several switches; each is kept apart. */
const partMark = ' '
export const keptEntry = (entry: string, value: string): string =>
  entry === 'pushVersion' ? `${entry}${partMark}${value.split(':', 1)[0] ?? ''}` : entry

const readingOf = (entry: string): Reading | undefined => {
  const [name = ''] = entry.split(partMark, 1)
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}

export const judgeSwitch = (entry: string, value: string): 'ok' | 'switch-unknown' | 'switch-value' => {
  const read = entry.includes(partMark) ? undefined : readingOf(entry)
  if (read === undefined) return 'switch-unknown'
  return read(value) === null ? 'switch-value' : 'ok'
}

/** What the node itself goes by. */
export interface NamingSwitches {
  readonly pushEnabled: boolean
  readonly healthCheckEnabled: boolean
  readonly lightBeatEnabled: boolean
  readonly clientBeatInterval: number
  readonly defaultPushCacheMillis: number
  readonly checkTimes: number
}

/** @param set by entry, as it was proposed; what no version of ours would have let through changes nothing */
export const switchesOf = (set: ReadonlyMap<string, string>): Switches & NamingSwitches => {
  const changes: Change[] = []
  for (const [entry, value] of set) {
    changes.push(readingOf(entry)?.(value) ?? {})
  }
  return Object.assign({}, defaults, ...changes) as Switches & NamingSwitches
}

/** Every setting of a node, its default, its bounds and its reason; and the reading of overrides, which refuses what it does not know. */

interface Setting {
  readonly value: number
  readonly min: number
  readonly max: number
}

const mib = 1024 * 1024

const settings = {
  /** A form may be three times its content (percent encoding) and some: 10 MiB of Chinese text make 30 MiB. */
  httpBodyBytesMax: { value: 32 * mib, min: 1024, max: 64 * mib },
  /** Bodies being received, together: four of the largest. */
  httpBodiesInFlightBytesMax: { value: 128 * mib, min: 1024, max: 1024 * mib },
  /** Large answers (above 64 KiB) that are loaded and not yet taken by their clients, together: six of the largest contents. */
  httpAnswersInFlightBytesMax: { value: 64 * mib, min: 16 * mib, max: 1024 * mib },
  /** A zip that is imported; it goes to the disk as it comes. 100,000 configurations of 1 KiB that do not pack make 110 MiB. */
  httpZipBytesMax: { value: 256 * mib, min: 1024, max: 2048 * mib },
  /** Above all long polls that a node takes, with room for short calls. */
  httpConnectionsMax: { value: 24_000, min: 1, max: 100_000 },
  /** Nacos takes 512 KiB; a quarter holds any metadata in a query, and bounds what idle connections can hold. */
  httpHeaderBytesMax: { value: 128 * 1024, min: 8 * 1024, max: 512 * 1024 },
  /** Contents kept at hand: a few thousand typical configurations. */
  contentCacheBytes: { value: 16 * mib, min: 0, max: 1024 * mib },
  /** Twice what one laptop should ever see (10,000, numbers P12). */
  longPollsMax: { value: 20_000, min: 1, max: 100_000 },
  /** 25 configurations a poll on the average; about 150 bytes each. */
  longPollKeysMax: { value: 500_000, min: 1, max: 10_000_000 },
  /** As the official server has it (nacos-grpc 1). */
  grpcMessageBytesMax: { value: 10 * mib, min: 1024, max: 64 * mib },
  /** Messages that come in or are being answered, and answers that are not taken yet, of all gRPC clients together: twelve of the largest. */
  grpcBytesInFlightMax: { value: 128 * mib, min: 1024, max: 1024 * mib },
  /** Twice what one laptop should ever see, on one node. */
  grpcConnectionsMax: { value: 20_000, min: 1, max: 100_000 },
  /** Unary calls under way, of all clients together; some 5 KB each. */
  grpcCallsMax: { value: 10_000, min: 1, max: 100_000 },
  /** Configurations that gRPC clients listen to, together; some 300 bytes each. */
  grpcWatchesMax: { value: 500_000, min: 1, max: 10_000_000 },
  /** Short, since the socket-close rule retries every 5 ms (design 4). */
  tickMs: { value: 5, min: 1, max: 100 },
  /** Lower and upper bound of the random election timeout (Raft thesis 9.3). */
  electionTimeoutMs: { value: 150, min: 20, max: 60_000 },
  electionTimeoutMaxMs: { value: 300, min: 20, max: 120_000 },
  /** A third of the shortest election timeout. */
  heartbeatMs: { value: 50, min: 5, max: 20_000 },
  /** A write waits so long for a leader before it is refused: a cut leader is replaced sooner. */
  leaderWaitMs: { value: 1_500, min: 10, max: 60_000 },
  /** Below the 2 s within which callers are promised an answer. */
  writeTimeoutMs: { value: 1_800, min: 20, max: 120_000 },
  /** A clean stop waits so long for writes under way; above it they are answered as unknown. */
  stopGraceMs: { value: 500, min: 0, max: 30_000 },
  /** Changes are collected for so long before followers hear of them: at most 20 notices a second to each, whatever the load. */
  noticePauseMs: { value: 50, min: 1, max: 10_000 },
  /** Changed keys that wait for one follower; beyond it that follower looks through all its files instead. About 250 bytes each. */
  noticeKeysMax: { value: 8_192, min: 1, max: 1_000_000 },
  /** A follower that takes no notice is tried again after base + n² · step, as in Nacos. */
  noticeRetryBaseMs: { value: 500, min: 1, max: 60_000 },
  noticeRetryStepMs: { value: 1_000, min: 0, max: 60_000 },
  /** A log file that an editor still opens quickly. */
  logFileBytesMax: { value: 10 * mib, min: 10_000, max: 1024 * mib },
  logFilesKept: { value: 5, min: 1, max: 100 },
  /** All files of the disk cache are compared with memory so often (Nacos: 6 h, nacos-storage 5); 0: only at start and on request. */
  fullDumpMs: { value: 6 * 3_600_000, min: 0, max: 2_000_000_000 },
  /** The log is cut beyond so many applied entries; of them the newest stay for those who are a little behind. */
  compactEntries: { value: 20_000, min: 1, max: 100_000_000 },
  compactKeptEntries: { value: 5_000, min: 0, max: 100_000_000 },
  /** MySQL mode: the leader looks so often for rows that another program changed; it reads every row, without contents that are equal. 0: never. */
  storeSyncMs: { value: 300_000, min: 0, max: 2_000_000_000 },
  /** History is kept so long, ms: 30 days, as in Nacos; 0 keeps it for ever. The newest rows of each configuration stay whatever their age. */
  historyRetentionMs: { value: 30 * 86_400_000, min: 0, max: 36_500 * 86_400_000 },
  historyKeptNewest: { value: 10, min: 1, max: 1_000 },
  /** Old history is looked for so often: a second or two of one thread for a million rows. */
  historyRoundMs: { value: 3_600_000, min: 50, max: 86_400_000 },
  /** How long a login is good for, as in Nacos (nacos-http 4). */
  tokenTtlSeconds: { value: 18_000, min: 60, max: 31_536_000 },
  /** Newest entries in memory, in the log or cut from it already: from them a follower is helped without reading the disk. */
  logWindowEntries: { value: 256, min: 1, max: 1_000_000 },
  /** Fences for the two files, in pages of 4 KiB; 0 = none but the disk itself. */
  raftLogPagesMax: { value: 0, min: 0, max: 1_000_000_000 },
  statePagesMax: { value: 0, min: 0, max: 1_000_000_000 },
} as const satisfies Record<string, Setting>

type SettingName = keyof typeof settings
export type NodeOptions = Readonly<Record<SettingName, number>>

export type OptionsResult = { readonly ok: true; readonly options: NodeOptions } | { readonly ok: false; readonly problem: string }

const isSetting = (name: string): name is SettingName => Object.hasOwn(settings, name)

const problemOf = (name: string, value: unknown): string | null => {
  if (!isSetting(name)) return `there is no option named ${name.slice(0, 64)}`
  const { min, max } = settings[name]
  if (typeof value !== 'number' || !Number.isInteger(value)) return `option ${name} must be a whole number`
  return value < min || value > max ? `option ${name} must lie between ${min} and ${max}, it is ${value}` : null
}

/** What no single bound can say. */
const conflictOf = (options: NodeOptions): string | null => {
  if (options.electionTimeoutMs < 2 * options.heartbeatMs) return 'electionTimeoutMs must be at least twice heartbeatMs'
  if (options.electionTimeoutMaxMs <= options.electionTimeoutMs) return 'electionTimeoutMaxMs must be above electionTimeoutMs'
  if (options.compactKeptEntries > options.compactEntries) return 'compactKeptEntries must not be above compactEntries'
  if (options.heartbeatMs < options.tickMs) return 'heartbeatMs must not be below tickMs'
  return null
}

/** @returns all settings, or the first problem as a sentence for people */
export const readOptions = (overrides: Readonly<Record<string, unknown>>): OptionsResult => {
  const values = Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value])) as Record<SettingName, number>
  for (const [name, value] of Object.entries(overrides)) {
    const problem = problemOf(name, value)
    if (problem !== null) return { ok: false, problem }
    values[name as SettingName] = value as number
  }
  const conflict = conflictOf(values)
  return conflict === null ? { ok: true, options: values } : { ok: false, problem: conflict }
}

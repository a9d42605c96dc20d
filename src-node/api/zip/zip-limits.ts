/**
 * What a configuration zip may hold, so that no file, made by mistake or on purpose, fills memory or disk or takes the loop. Owns the figures
 * and the sentences that name them.
 */

const mib = 1024 * 1024

export interface ZipLimits {
  /** Entries of any kind: twice the configurations that a cluster is made for. */
  readonly entriesMax: number
  /** One content, unpacked: what a publish takes (Nacos `maxContent`). An entry above it fails by itself. */
  readonly entryBytesMax: number
  /** `.meta.yml` or `.metadata.yml`, unpacked: some 300 bytes for each entry. */
  readonly metadataBytesMax: number
  /** All entries together, unpacked, as the directory of the zip declares them; none gives more than it declares. */
  readonly totalBytesMax: number
  /** All entries together, unpacked, over the size of the zip; judged only above `ratioFreeBytes`, since small repetitive contents pack well. */
  readonly ratioMax: number
  readonly ratioFreeBytes: number
}

export const zipLimits: ZipLimits = {
  entriesMax: 200_000,
  entryBytesMax: 10 * mib,
  metadataBytesMax: 64 * mib,
  totalBytesMax: 1024 * mib,
  ratioMax: 200,
  ratioFreeBytes: 64 * mib,
}

/** The sum so far against the limits; a sentence if they are passed. */
export const sumProblem = (unpackedBytes: number, zipBytes: number, limits: ZipLimits): string | null => {
  if (unpackedBytes > limits.totalBytesMax)
    return `unpacked it has more than ${limits.totalBytesMax} bytes, which is what one import takes; export and import it in parts, by group`
  if (unpackedBytes > limits.ratioFreeBytes && unpackedBytes > zipBytes * limits.ratioMax)
    return `unpacked it has more than ${limits.ratioMax} times its ${zipBytes} bytes, as a zip bomb has; export and import it in parts, by group`
  return null
}

export const entriesProblem = (entries: number, limits: ZipLimits): string | null =>
  entries > limits.entriesMax ? `it has ${entries} entries, an import takes ${limits.entriesMax}; export and import it in parts, by group` : null

/** What is said in the log of rows of a shared database that cannot be configurations, or not just as they stand: the first by name, all in number. */

import type { SourceRemark } from '../storage/sink.ts'

/** One by one; beyond it their number. */
const toldMax = 20

const reasonWords: Readonly<Record<SourceRemark['reason'], string>> = {
  name: 'is not what a client may ask for',
  id: 'is larger than what is counted exactly',
  size: 'is too large',
  doubled: 'makes it a second row of one configuration',
  md5: "is not its content's: the cluster goes by the content",
  time: 'is no time from 1970 on',
}

/** For the log; names are quoted, since they may be anything. */
export const remarkWords = ({ left, reason, column, limit, id, namespace, group, dataId }: SourceRemark): string => {
  const most = limit === 0 ? '' : ` (at most ${limit})`
  const what = `row ${id} of config_info, ${JSON.stringify([namespace, group, dataId])}: ${column} ${reasonWords[reason]}${most}`
  return left ? `${what}; it is no configuration of this cluster and stays in the database as it is` : what
}

export interface Remarks {
  add(remarks: readonly SourceRemark[]): void
  /** When all rows are read. */
  end(): void
}

export const createRemarks = (tell: (level: 'warn', words: string) => void): Remarks => {
  let left = 0
  let told = 0
  return {
    add: (remarks) => {
      for (const remark of remarks) {
        if (remark.left) left++
        if (told++ < toldMax) tell('warn', remarkWords(remark))
      }
    },
    end: () => {
      if (left > 0) tell('warn', `${left} rows of the shared database are no configurations of this cluster and stay as they are`)
      if (told > toldMax) tell('warn', `${told - toldMax} more rows have something to remark; "storage compare" names them`)
    },
  }
}

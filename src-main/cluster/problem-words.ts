/** Why a cluster could not be opened, in one sentence with the next step, in both languages; and the exit code that goes with it. Pure. */

import type { BootProblem } from './boot.ts'
import type { PortHolder } from './port-holder.ts'

export type Language = 'en' | 'zh'

/** Exit codes of the supervising process: 2 and 4 are promises to scripts. */
export const exitCodeOf = (problem: BootProblem): number => {
  if (problem.kind === 'port-taken' || problem.kind === 'port-not-allowed') return 2
  return problem.kind === 'folder-in-use' ? 4 : 1
}

/** Language of the terminal, by the usual order of POSIX variables. */
export const languageOf = (env: Readonly<Record<string, string | undefined>>): Language => {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

const heldBy = (holder: PortHolder | null): Record<Language, string> =>
  holder === null
    ? { en: 'another program (the system does not say which)', zh: '其他程序占用（系统没有说明是哪一个）' }
    : { en: `${holder.name} (pid ${holder.pid})`, zh: `${holder.name}（pid ${holder.pid}）占用` }

type Words = Record<Language, string>

const portTaken = (problem: Extract<BootProblem, { kind: 'port-taken' }>): Words => {
  const by = heldBy(problem.holder)
  return {
    en: `Port ${problem.port} is taken by ${by.en}: stop it, or choose other ports with --port.`,
    zh: `端口 ${problem.port} 已被${problem.holder === null ? '' : ' '}${by.zh}：请先停止它，或用 --port 指定其他端口。`,
  }
}

const folderInUse = (problem: Extract<BootProblem, { kind: 'folder-in-use' }>): Words => ({
  en: `Another Nacos Trio (pid ${problem.pid}) is using ${problem.path}: use that one, stop it with "kill ${problem.pid}", or choose another folder with --data.`,
  zh: `另一个 Nacos Trio（pid ${problem.pid}）正在使用 ${problem.path}：请使用它，或用 "kill ${problem.pid}" 停止它，或用 --data 指定其他目录。`,
})

const diskFull = (problem: { readonly path: string; readonly code: string }): Words => ({
  en: `The disk of the data folder ${problem.path} is full (${problem.code}): make room and start again, or choose another folder with --data.`,
  zh: `数据目录 ${problem.path} 所在的磁盘已满（${problem.code}）：请腾出空间后再次启动，或用 --data 指定其他目录。`,
})

const wordsOf = (problem: BootProblem): Words => {
  switch (problem.kind) {
    case 'port-taken':
      return portTaken(problem)
    case 'port-not-allowed':
      return {
        en: `Port ${problem.port} cannot be used (${problem.code}): choose other ports with --port.`,
        zh: `端口 ${problem.port} 无法使用（${problem.code}）：请用 --port 指定其他端口。`,
      }
    case 'folder-in-use':
      return folderInUse(problem)
    case 'folder-unusable':
      if (/^(ENOSPC|EDQUOT)$/.test(problem.code)) return diskFull(problem)
      return {
        en: `The data folder ${problem.path} cannot be used (${problem.code}): check its owner and free space, or choose another with --data.`,
        zh: `数据目录 ${problem.path} 无法使用（${problem.code}）：请检查其所有者和剩余空间，或用 --data 指定其他目录。`,
      }
    case 'folder-damaged':
      return {
        en: `${problem.file} in ${problem.path} is damaged: restore it from a copy, or choose another folder with --data.`,
        zh: `${problem.path} 中的 ${problem.file} 已损坏：请从备份恢复，或用 --data 指定其他目录。`,
      }
    case 'storage-damaged':
      return {
        en: `${problem.file} in ${problem.path} is damaged: name where configurations are kept with --storage sqlite or --storage mysql, or restore it from a copy.`,
        zh: `${problem.path} 中的 ${problem.file} 已损坏：请用 --storage sqlite 或 --storage mysql 指明配置存放在哪里，或从备份恢复该文件。`,
      }
    case 'folder-newer':
      return {
        en: `The data folder ${problem.path} was made by a newer version (format ${problem.version}): update Nacos Trio, or choose another folder with --data.`,
        zh: `数据目录 ${problem.path} 由更新的版本创建（格式 ${problem.version}）：请升级 Nacos Trio，或用 --data 指定其他目录。`,
      }
    case 'folder-other-size':
      return {
        en: `The data folder ${problem.path} holds a cluster of ${problem.has} nodes, not ${problem.wanted}: leave out --nodes, or choose another folder with --data.`,
        zh: `数据目录 ${problem.path} 中是 ${problem.has} 个节点的集群，而不是 ${problem.wanted} 个：请去掉 --nodes，或用 --data 指定其他目录。`,
      }
  }
}

/** One sentence for a person. */
export const describeProblem = (problem: BootProblem, language: Language): string => wordsOf(problem)[language]

/** What to say when the default ports were taken and others are used. */
export const describeMove = (move: { readonly first: number; readonly port: number; readonly holder: PortHolder | null }, to: number): Words => {
  const by = heldBy(move.holder)
  return {
    en: `Port ${move.port} is taken by ${by.en}, so the nodes use the ports from ${to}.`,
    zh: `端口 ${move.port} 已被${move.holder === null ? '' : ' '}${by.zh}，节点改用从 ${to} 开始的端口。`,
  }
}

/** The few words that the shell itself says, in both languages. */

import type { Language } from '../cluster/problem-words.ts'

export interface ShellWords {
  readonly edit: string
  readonly view: string
  readonly window: string
  readonly cannotStart: string
  readonly alreadyOpen: string
  readonly leaveQuestion: string
  readonly leaveYes: string
  readonly leaveNo: string
}

const words: Record<Language, ShellWords> = {
  en: {
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    cannotStart: 'Nacos Trio cannot start',
    alreadyOpen: 'Nacos Trio is already open with this data folder: its window was brought to the front.',
    leaveQuestion: 'Open this page in your browser?',
    leaveYes: 'Open',
    leaveNo: 'Cancel',
  },
  zh: {
    edit: '编辑',
    view: '视图',
    window: '窗口',
    cannotStart: 'Nacos Trio 无法启动',
    alreadyOpen: 'Nacos Trio 已在使用此数据目录，其窗口已切换到最前。',
    leaveQuestion: '在浏览器中打开此页面？',
    leaveYes: '打开',
    leaveNo: '取消',
  },
}

export function shellWords(language: Language): ShellWords {
  return words[language]
}

/** The configuration offered to those who have none. */

export const sample = {
  dataId: 'hello.yaml',
  type: 'yaml',
  content: `# Programs read this by its dataId and group, and are told when it changes.
greeting: hello
language: zh-CN
retry:
  attempts: 3
  pause-ms: 200
features:
  - name: dark-mode
    on: true
  - name: beta-search
    on: false
`,
} as const

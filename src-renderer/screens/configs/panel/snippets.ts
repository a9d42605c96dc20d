/** Code that reads the open configuration, with the live address filled in. Pure. */

import type { ConfigKeyInput } from '../../../../src-main/contract/index.ts'

export const snippetLanguages = ['curl', 'Java', 'Go', 'Python', 'Node'] as const
export type SnippetLanguage = (typeof snippetLanguages)[number]

export interface SnippetInput extends ConfigKeyInput {
  /** `http://127.0.0.1:8848` */
  readonly address: string
}

const quoted = (text: string): string => JSON.stringify(text)

const makers: Record<SnippetLanguage, (input: SnippetInput & { host: string; port: string }) => string> = {
  curl: ({ address, dataId, group, namespace }) => {
    const query = new URLSearchParams({ dataId, group, ...(namespace === '' ? {} : { tenant: namespace }) })
    return `curl '${address}/nacos/v1/cs/configs?${query}'`
  },
  Java: ({ host, port, dataId, group, namespace }) =>
    [
      'Properties p = new Properties();',
      `p.put("serverAddr", "${host}:${port}");`,
      ...(namespace === '' ? [] : [`p.put("namespace", ${quoted(namespace)});`]),
      'ConfigService configs = NacosFactory.createConfigService(p);',
      `String text = configs.getConfig(${quoted(dataId)}, ${quoted(group)}, 3000);`,
    ].join('\n'),
  Go: ({ host, port, dataId, group, namespace }) =>
    [
      `sc := []constant.ServerConfig{*constant.NewServerConfig("${host}", ${port})}`,
      `cc := constant.NewClientConfig(constant.WithNamespaceId(${quoted(namespace)}))`,
      'c, err := clients.NewConfigClient(vo.NacosClientParam{ClientConfig: cc, ServerConfigs: sc})',
      `text, err := c.GetConfig(vo.ConfigParam{DataId: ${quoted(dataId)}, Group: ${quoted(group)}})`,
    ].join('\n'),
  Python: ({ host, port, dataId, group, namespace }) =>
    [
      'import nacos',
      `c = nacos.NacosClient("${host}:${port}", namespace=${quoted(namespace)})`,
      `text = c.get_config(${quoted(dataId)}, ${quoted(group)})`,
    ].join('\n'),
  Node: ({ host, port, dataId, group, namespace }) =>
    [
      "import { NacosConfigClient } from 'nacos'",
      `const c = new NacosConfigClient({ serverAddr: '${host}:${port}'${namespace === '' ? '' : `, namespace: '${namespace}'`} })`,
      `const text = await c.getConfig('${dataId}', '${group}')`,
    ].join('\n'),
}

/** Lines to paste; names are of the allowed characters only (see key-rules), so quoting is plain. */
export const snippet = (language: SnippetLanguage, input: SnippetInput): string => {
  const { hostname, port } = new URL(input.address)
  return makers[language]({ ...input, host: hostname, port })
}

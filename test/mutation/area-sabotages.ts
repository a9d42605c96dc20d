/** Sabotages of namespaces, accounts, gray versions and capacities: what each area promises, and what it keeps through a restart. */

import { busyAdministrators } from './lives.ts'
import type { Sabotage } from './sabotages.ts'

const namespaces = 'src-node/state-machine/areas/namespace-area.ts'
const accounts = 'src-node/state-machine/areas/account-area.ts'
const gray = 'src-node/state-machine/areas/gray-area.ts'
const capacities = 'src-node/state-machine/areas/capacity-area.ts'

export const areaSabotages: readonly Sabotage[] = [
  {
    name: 'a namespace goes with its configurations',
    file: namespaces,
    find: "    if (contents.hasConfigs(id)) return refused('namespace-holds-configs')\n",
    instead: '',
    breaks: 'only an empty namespace goes (nacos-http 12.1)',
  },
  {
    name: 'a namespace goes with its services',
    file: namespaces,
    find: "    if (contents.hasServices(id)) return refused('namespace-holds-services')\n",
    instead: '',
    breaks: 'only an empty namespace goes (nacos-http 12.1)',
  },
  {
    name: 'a namespace does not see what its own batch published',
    file: 'src-node/state-machine/state-machine.ts',
    find: '  for (const row of batch.rows.values()) if (row?.namespace === namespace) return true\n',
    instead: '',
    breaks: 'equal logs give equal states, however they are cut into batches',
    lives: busyAdministrators,
  },
  {
    name: 'a namespace does not see what its own batch deleted',
    file: 'src-node/state-machine/state-machine.ts',
    find: 'if (row.namespace === namespace && !batch.rows.has(key)) return true',
    instead: 'if (row.namespace === namespace) return true',
    breaks: 'equal logs give equal states, however they are cut into batches',
    lives: busyAdministrators,
  },
  {
    name: 'gray versions hold no namespace',
    file: 'src-node/state-machine/areas/areas.ts',
    find: 'hasConfigs: (namespace) => hasConfigs(namespace) || gray.hasVersionsIn(namespace),',
    instead: 'hasConfigs,',
    breaks: 'only an empty namespace goes (nacos-http 12.1)',
  },
  {
    name: 'the last administrator may go',
    file: accounts,
    find: "    if (user.roles.includes(administratorRole)) return refused('user-is-admin')\n",
    instead: '',
    breaks: 'an administrator stays: the last one could never be made again',
  },
  {
    name: 'a second first administrator',
    file: accounts,
    find: "        if (isBound(administratorRole)) return refused('admin-exists')\n",
    instead: '',
    breaks: 'one first administrator, whatever races',
  },
  {
    name: 'permissions outlive their role',
    file: accounts,
    find: '    for (const role of roles) if (!isBound(role)) putPermissions(step, role, noPermissions)\n',
    instead: '',
    breaks: 'nobody inherits what another had under the same name',
  },
  {
    name: 'roles forgotten at a restart',
    file: accounts,
    find: "      if (record?.kind === 'user') users.set(record.row.name, record.row)\n",
    instead: "      if (record?.kind === 'user') users.set(record.row.name, { ...record.row, roles: noRoles })\n",
    breaks: 'a restart and a snapshot bring the memory back, not only the records (26, 14)',
  },
  {
    name: 'one gray version of a configuration loaded',
    file: gray,
    find: '      all.set(key, inOrder([...others(all.get(key) ?? none, row.grayName), row]))\n',
    instead: '      all.set(key, [row])\n',
    breaks: 'a restart and a snapshot bring the memory back, not only the records (26, 14)',
  },
  {
    name: 'the history of a gray version has the new content',
    file: gray,
    find: "  else keepOld(step, before, 'U', command)\n",
    instead: "  else step.history({ ...historyOf(before, 'U', command), content })\n",
    breaks: 'an update leaves the old content in the history (nacos-storage 2)',
  },
  {
    name: 'a gray version removed without a word',
    file: gray,
    find: '  step.drop(grayArea, grayRecordKey(before))\n  tell(step, before)\n',
    instead: '  step.drop(grayArea, grayRecordKey(before))\n',
    breaks: 'its clients hear that they get another content now (25)',
  },
  {
    name: 'gray versions of a batch that came to nothing',
    file: gray,
    find: '    discard: all.discard,\n',
    instead: '    discard: all.publish,\n',
    breaks: 'a batch that comes to nothing leaves nothing',
  },
  {
    name: 'a capacity made anew by each change',
    file: capacities,
    find: 'id: current?.id ?? step.index,',
    instead: 'id: step.index,',
    breaks: 'a change of limits keeps what is known of the row',
  },
]

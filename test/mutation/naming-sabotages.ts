/** Sabotages of areas and their records, and of services and instances. */

import type { Sabotage } from './sabotages.ts'

const host = 'src-node/state-machine/areas/area-host.ts'
const apply = 'src-node/state-machine/areas/naming-apply.ts'
const tables = 'src-node/state-machine/areas/naming-tables.ts'
const undo = 'src-node/state-machine/areas/undo-map.ts'
const machine = 'src-node/state-machine/state-machine.ts'

export const namingSabotages: readonly Sabotage[] = [
  {
    name: 'a removal takes whoever is there by now',
    file: apply,
    find: ' || row.index !== each.index || !act(',
    instead: ' || !act(',
    breaks: 'a removal names the registration that it means, and is void for a later one (design 5)',
  },
  {
    name: 'a connection withdraws what another has registered since',
    file: tables,
    find: '      if (before.owner !== next?.owner) disown(before.owner, service, address)\n',
    instead: '',
    breaks: 'who registers an address last owns it (design 5)',
  },
  {
    name: 'a replaced record stays in the state hash',
    file: host,
    find: '    if (before !== undefined) takeLanes(sum, before)\n',
    instead: '',
    breaks: 'the state hash is that of the records',
  },
  {
    name: 'a dropped record stays in the store',
    file: host,
    find: "          if (drop(number, key, sum)) writes.push({ kind: 'drop-record', index, area: number, key, ...known })\n",
    instead: '          drop(number, key, sum)\n',
    breaks: 'records and memory are one state (catalogue 21)',
  },
  {
    name: 'an area keeps what the full disk did not take',
    file: machine,
    find: '      tables.host.discard()\n',
    instead: '      tables.host.publish()\n',
    breaks: 'memory never runs ahead of the state store',
  },
  {
    name: 'undone in the order in which it was done',
    file: undo,
    find: 'for (const [key, before] of journal.reverse())',
    instead: 'for (const [key, before] of journal)',
    breaks: 'a batch that comes to nothing leaves nothing',
  },
  {
    name: 'records left out of what was loaded',
    file: machine,
    find: '      addRecord: (record) => loaded.host.load(record, lanes),\n',
    instead: '      addRecord: () => {},\n',
    breaks: 'a restart and a snapshot bring the records back (26, 14)',
  },
]

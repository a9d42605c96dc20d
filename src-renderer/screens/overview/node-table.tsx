/** The picture's twin: the same nodes, figures and actions as a table. */

import { ActionIcon } from '@mantine/core'
import { Ellipsis } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../src-main/contract/index.ts'
import { formatBytes, formatNumber, nodeName } from '../../components/format.ts'
import { nodeCondition } from '../../components/node-condition.ts'
import { RoleMark } from '../../components/role-mark.tsx'
import { ExitReason } from './exit-reason.tsx'
import { hostPort } from './host-port.ts'
import type { NodeCardProps } from './node-card.tsx'
import classes from './node-table.module.css'
import { PlaceBefore } from './place-before.tsx'
import { useStateWord } from './state-word.ts'

export function NodeTable({ view, onMenu }: { view: ClusterView; onMenu: NodeCardProps['onMenu'] }) {
  const { t } = useTranslation('overview')
  const stateWord = useStateWord()
  const columns = ['node', 'state', 'term', 'commit', 'applied', 'memory', 'cpu', 'restarts', 'http'] as const
  return (
    <div className={classes.room}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" data-column={column}>
                {t(`table.${column}`)}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {view.nodes.map((node) => {
            const condition = nodeCondition(node, view.atMs)
            const report = condition.kind === 'role' || condition.kind === 'silent' ? condition.report : null
            const figure = (value: string | undefined) => value ?? '–'
            return (
              <tr key={node.id} data-old={condition.kind === 'silent'}>
                <th scope="row">
                  {nodeName(node.id)}
                  <PlaceBefore node={node} />
                </th>
                <td className={classes.state}>
                  <RoleMark kind={condition.kind === 'role' ? condition.role : condition.kind} />
                  <span>
                    {stateWord(node, view.atMs)}
                    {report === null && node.lastExit !== null ? (
                      <span className={classes.reason}>
                        <ExitReason node={node} nowMs={view.atMs} />
                      </span>
                    ) : null}
                  </span>
                </td>
                <td>{figure(report === null ? undefined : formatNumber(report.term))}</td>
                <td>{figure(report === null ? undefined : formatNumber(report.commitIndex))}</td>
                <td>{figure(report === null ? undefined : formatNumber(report.appliedIndex))}</td>
                <td>{figure(report === null ? undefined : formatBytes(report.rssBytes))}</td>
                <td>{figure(report === null ? undefined : `${formatNumber(report.cpuShare * 100)} %`)}</td>
                <td>{formatNumber(node.restarts)}</td>
                <td>{hostPort(node.http)}</td>
                <td>
                  <ActionIcon
                    size={24}
                    variant="subtle"
                    color="gray"
                    aria-label={t('menu.open', { node: nodeName(node.id) })}
                    aria-haspopup="menu"
                    onClick={(event) => {
                      const box = event.currentTarget.getBoundingClientRect()
                      onMenu(node, { x: box.left - 160, y: box.bottom + 2 })
                    }}
                  >
                    <Ellipsis size={14} />
                  </ActionIcon>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

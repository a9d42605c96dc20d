/** Of a rebuilt node, behind its name: whose address it has, since people know a node by that, and its number is new. */

import { useTranslation } from 'react-i18next'
import type { NodeView } from '../../../src-main/contract/index.ts'
import { nodeName } from '../../components/format.ts'
import classes from './place-before.module.css'

export function PlaceBefore({ node }: { node: Pick<NodeView, 'inPlaceOf'> }) {
  const { t } = useTranslation('overview')
  if (node.inPlaceOf === null) return null
  const values = { id: node.inPlaceOf, node: nodeName(node.inPlaceOf) }
  return (
    <small className={classes.before} title={t('inPlaceOfTitle', values)}>
      {t('inPlaceOf', values)}
    </small>
  )
}

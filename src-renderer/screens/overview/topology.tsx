/** The picture: cards on a ring, lines between them. A dot moves only where messages do; a broken line is drawn broken. */

import { useElementSize, useReducedMotion } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import type { ClusterView, NodeView } from '../../../src-main/contract/index.ts'
import { formatMs, nodeName } from '../../components/format.ts'
import { nodeCondition } from '../../components/node-condition.ts'
import { sampleOf } from '../../components/rate-history.ts'
import { NodeCard, type NodeCardProps, NodeCardSkeleton } from './node-card.tsx'
import classes from './topology.module.css'
import { cardSize, edgeOf, type LinkView, linksOf, type Point, ringLayout, type Size } from './topology-layout.ts'

/** Cards shown while nothing is known: the default cluster. */
const skeletonCount = 3
const labelGapPx = 16
/** A shorter line has no room beside it for its round trip; the tooltip still tells it. */
const labelledFromPx = 70

interface TopologyProps {
  readonly view: ClusterView | null
  /** The view is of now: only then do messages move. */
  readonly live: boolean
  readonly onMenu: NodeCardProps['onMenu']
  readonly onStart: (node: NodeView) => void
  readonly onRebuild: (node: NodeView) => void
}

export function Topology({ view, live, onMenu, onStart, onRebuild }: TopologyProps) {
  const { t } = useTranslation('overview')
  const { ref, width, height } = useElementSize<HTMLElement>()
  const room: Size = { width, height }
  const count = view?.nodes.length ?? skeletonCount
  const card = cardSize(count, room)
  const centres = ringLayout(count, room, card)
  const links = view === null ? [] : linksOf(view)
  const centreOf = (id: number) => centres[view?.nodes.findIndex((node) => node.id === id) ?? -1]
  return (
    <section ref={ref} className={classes.room} aria-label={t('picture.label')}>
      {width === 0 ? null : (
        <>
          <svg className={classes.lines} width={width} height={height} aria-hidden="true">
            {links.map((link) => (
              <LinkLine
                key={`${link.a}-${link.b}`}
                link={link}
                from={centreOf(link.a)}
                to={centreOf(link.b)}
                card={card}
                middle={{ x: width / 2, y: height / 2 }}
                roomy={count <= 3}
              />
            ))}
          </svg>
          {view === null || !live ? null : <Traffic view={view} links={links} centreOf={centreOf} card={card} />}
          {centres.map((centre, index) => {
            const node = view?.nodes[index]
            const style = {
              width: card.width,
              height: card.height,
              transform: `translate(${Math.round(centre.x - card.width / 2)}px, ${Math.round(centre.y - card.height / 2)}px)`,
            }
            return (
              <div key={node?.id ?? `place-${index}`} className={classes.place} style={style}>
                {node === undefined ? (
                  <NodeCardSkeleton />
                ) : (
                  <NodeCard node={node} nowMs={view?.atMs ?? 0} onMenu={onMenu} {...{ onStart, onRebuild }} />
                )}
              </div>
            )
          })}
          <ul className="sr-only">
            {links.map((link) => (
              <li key={`${link.a}-${link.b}`}>
                {t('picture.summary', {
                  a: nodeName(link.a),
                  b: nodeName(link.b),
                  state: t(link.state === 'unknown' ? 'unknownValue' : `picture.${link.state}`),
                })}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

interface LinkLineProps {
  readonly link: LinkView
  readonly from: Point | undefined
  readonly to: Point | undefined
  readonly card: Size
  readonly middle: Point
  /** Few enough cards that a label beside a line falls on none of them. */
  readonly roomy: boolean
}

function LinkLine({ link, from, to, card, middle, roomy }: LinkLineProps) {
  const { t } = useTranslation('overview')
  if (from === undefined || to === undefined) return null
  const start = edgeOf(from, to, card)
  const end = edgeOf(to, from, card)
  const centre = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1
  // The label stands off the line, on the side away from the middle of the picture.
  let normal = { x: -(end.y - start.y) / length, y: (end.x - start.x) / length }
  if ((centre.x - middle.x) * normal.x + (centre.y - middle.y) * normal.y < 0) normal = { x: -normal.x, y: -normal.y }
  const label = { x: centre.x + normal.x * labelGapPx, y: centre.y + normal.y * labelGapPx + 4 }
  const anchor = normal.x > 0.3 ? 'start' : normal.x < -0.3 ? 'end' : 'middle'
  const showsTime = roomy && length >= labelledFromPx && link.withLeader && link.state === 'up'
  return (
    <g data-state={link.state} data-leader={link.withLeader} className={classes.link}>
      <line x1={start.x} y1={start.y} x2={end.x} y2={end.y} className={classes.line}>
        {link.rttMs === null ? null : <title>{t('picture.rtt', { ms: formatMs(link.rttMs) })}</title>}
      </line>
      {link.state === 'broken' ? <path d={`M${centre.x - 5} ${centre.y - 5}l10 10m0-10-10 10`} className={classes.cut} /> : null}
      {showsTime && link.rttMs !== null ? (
        <text x={label.x} y={label.y} textAnchor={anchor} className={classes.label}>
          {formatMs(link.rttMs)}
        </text>
      ) : null}
    </g>
  )
}

interface TrafficProps {
  readonly view: ClusterView
  readonly links: readonly LinkView[]
  readonly centreOf: (id: number) => Point | undefined
  readonly card: Size
}

/** Entries going out from the leader and answers coming back: one to three dots a line, by the real rate; none without writes. */
function Traffic({ view, links, centreOf, card }: TrafficProps) {
  const reduced = useReducedMotion()
  const writes = sampleOf(view)?.writes ?? 0
  if (reduced || writes <= 0) return null
  // Nothing is known to reach a node that does not answer, whatever the leader last said of it.
  const answers = (id: number) => view.nodes.some((node) => node.id === id && nodeCondition(node, view.atMs).kind === 'role')
  const perLine = writes < 5 ? 1 : writes < 200 ? 2 : 3
  const periodS = writes < 5 ? 2.4 : writes < 200 ? 1.6 : 1.1
  return (
    <div className={classes.traffic} aria-hidden="true">
      {links
        .filter((link) => link.withLeader && link.state === 'up' && answers(link.a) && answers(link.b))
        .flatMap((link) => {
          const from = centreOf(link.a)
          const to = centreOf(link.b)
          if (from === undefined || to === undefined) return []
          const start = edgeOf(from, to, card)
          const end = edgeOf(to, from, card)
          return Array.from({ length: perLine * 2 }, (_, index) => {
            const out = index % 2 === 0
            const [first, last] = out ? [start, end] : [end, start]
            const style = {
              '--x1': `${first.x}px`,
              '--y1': `${first.y}px`,
              '--x2': `${last.x}px`,
              '--y2': `${last.y}px`,
              animationDuration: `${periodS}s`,
              // Answers are off beat, so that the two streams do not meet in one place all the time.
              animationDelay: `${-periodS * (Math.floor(index / 2) / perLine + (out ? 0 : 0.37))}s`,
            }
            return <span key={`${link.a}-${link.b}-${style.animationDelay}`} className={classes.dot} data-out={out} style={style} />
          })
        })}
    </div>
  )
}

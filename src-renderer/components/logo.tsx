/** The mark: three nodes, one of them leads. */

export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 5.5 5.2 17.8h13.6z" fill="none" stroke="var(--line-strong)" strokeWidth="1.4" />
      <circle cx="12" cy="5.5" r="3.4" fill="var(--leader)" />
      <circle cx="5.2" cy="17.8" r="3.4" fill="var(--follower)" />
      <circle cx="18.8" cy="17.8" r="3.4" fill="var(--follower)" />
    </svg>
  )
}

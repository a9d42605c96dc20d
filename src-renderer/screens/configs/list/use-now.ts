/** A clock for relative times that ticks seldom. */

import { useEffect, useState } from 'react'

const tickMs = 20_000

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** For component tests only: what jsdom lacks of a browser, and a screen, or a part of one, drawn over the contract's fake. */

import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications, notifications } from '@mantine/notifications'
import { RouterProvider } from '@tanstack/react-router'
import { cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach } from 'vitest'
import { createFakeBackend, type FakeBackendOptions } from '../api/fake-backend.testing.ts'
import { ApiProvider } from '../api/provider.tsx'
import { type Language, startI18n } from '../i18n/i18n.ts'
import { createConsoleRouter } from '../router.tsx'

/** For what comes by itself, on a machine that has more to do. */
export const longMs = { timeout: 8_000 }

const missingInJsdom = {
  ResizeObserver: class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
  matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} }),
  scrollTo: () => {},
}

let opened: FakeBackend[] = []
export type FakeBackend = ReturnType<typeof createFakeBackend>

/** Call once at the top of a test file: each test finds an empty browser, and leaves one. */
export function inEmptyBrowser(): void {
  beforeEach(() => {
    localStorage.clear()
    Object.assign(globalThis, missingInJsdom)
    Element.prototype.scrollIntoView = () => {}
    Range.prototype.getClientRects = () => [] as unknown as DOMRectList
    Range.prototype.getBoundingClientRect = () => new DOMRect()
  })
  afterEach(() => {
    cleanup()
    // One store for all files of a worker: what a test was told must not be read by the next.
    notifications.clean()
    for (const backend of opened) backend.close()
    opened = []
  })
}

/** A part of a screen, with all around it that it needs. */
export function drawPart(part: ReactNode, options: FakeBackendOptions = {}, language: Language = 'en'): FakeBackend {
  startI18n(language)
  const backend = createFakeBackend(options)
  opened.push(backend)
  render(
    <MantineProvider env="test">
      <Notifications />
      <ApiProvider api={backend.api}>
        <ModalsProvider>{part}</ModalsProvider>
      </ApiProvider>
    </MantineProvider>,
  )
  return backend
}

/** The console at an address, e.g. `#/storage?move=true`. */
export function openConsole(hash: string, options: FakeBackendOptions = {}, language: Language = 'en'): FakeBackend {
  location.hash = hash
  return drawPart(<RouterProvider router={createConsoleRouter()} />, options, language)
}

/** What was asked of one procedure, in order. */
export const inputsOf = (backend: FakeBackend, path: string): readonly unknown[] =>
  backend.calls.filter((call) => call.path === path).map(({ input }) => input)

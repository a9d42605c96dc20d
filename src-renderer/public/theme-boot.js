// Runs before the first paint, as a blocking file of its own since the policy allows no inline script:
// sets the theme and language that were saved, so that nothing flashes. Keys are those of theme/storage-keys.ts.
;(() => {
  const root = document.documentElement
  const saved = (key) => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const theme = saved('nacos-trio.theme')
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
  const language = saved('nacos-trio.language') || navigator.language
  root.lang = /^zh/i.test(language) ? 'zh-CN' : 'en'
})()

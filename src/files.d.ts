// biome-ignore-all lint/style/noDefaultExport: an import with a `type` attribute has nothing but a default.
declare module '*.sql' {
  const text: string
  export default text
}
declare module '*.css' {
  const path: string
  export default path
}
declare module '*.svg' {
  const path: string
  export default path
}
declare module '*.js' {
  const path: string
  export default path
}

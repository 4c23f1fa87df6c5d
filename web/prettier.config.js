/** One way to write, checked by `npm run lint`. */
export default {
  semi: false,
  singleQuote: true,
  trailingComma: 'none',
  printWidth: 100,
  plugins: ['prettier-plugin-svelte'],
  overrides: [
    { files: '*.svelte', options: { parser: 'svelte' } },
    { files: 'index.html', options: { printWidth: 120 } }
  ]
}

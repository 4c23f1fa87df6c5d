/** How components are compiled: node by node, so that no Trusted Types policy makes HTML. */
export default {
  compilerOptions: { fragments: 'tree', runes: true }
}

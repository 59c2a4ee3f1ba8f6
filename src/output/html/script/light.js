// Which bytes are lit: of each node so many, and its directories as many as are in them.
function lightOf(model, { whole = [], wasted = [], parts = [], layer = null, base = false, within = null }) {
  const { nodes, children, isLeaf } = model;
  const lit = nodes.map(() => 0), isTouched = nodes.map(() => false);
  const each = (tops, bytes) => {
    const open = [...tops];
    while (open.length) {
      const at = open.pop();
      if (!isLeaf(at)) open.push(...children[at]);
      else if (bytes(nodes[at]) > 0) [lit[at], isTouched[at]] = [Math.min(nodes[at][BYTES], lit[at] + bytes(nodes[at])), true];
    }
  };
  each(new Set(whole), (node) => node[BYTES] - node[HIDDEN]);
  each(new Set(wasted), (node) => node[HIDDEN]);
  for (const [at, bytes] of parts) {
    if (!isLeaf(at)) continue;
    lit[at] = Math.min(nodes[at][BYTES], lit[at] + bytes);
    isTouched[at] = true;
  }
  if (layer !== null || base) {
    nodes.forEach((node, at) => {
      if (!isLeaf(at)) return;
      lit[at] = base ? node[BASE] : inLayers(node, (other) => other === layer);
      isTouched[at] = lit[at] > 0;
    });
  }
  // What fixing a layer frees is what that layer stores.
  if (within !== null) nodes.forEach((node, at) => { lit[at] = Math.min(lit[at], inLayers(node, (other) => other === within)); });
  nodes.forEach((node, at) => { if (within !== null && lit[at] === 0 && inLayers(node, (other) => other === within) === 0) isTouched[at] = false; });
  addUp(lit, nodes);
  for (let at = nodes.length - 1; at > 0; at--) if (isTouched[at]) isTouched[nodes[at][PARENT]] = true;
  return { lit, isTouched, sum: lit[0] };
}

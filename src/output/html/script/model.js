// What is known of the images: nodes of the map as rows, and sums over them.
const images = JSON.parse(document.getElementById("data").textContent);
const PARENT = 0, KIND = 1, NAME = 2, BYTES = 3, HIDDEN = 4, BASE = 5, GROWN = 6, FILES = 7, LAYERS = 8, PACKAGE = 9;
const DIRECTORY = 0, REST = 2;

// 999 B, 12.4 kB, 87.0 MB, 1.35 GB: as every other output writes it.
function amount(bytes) {
  if (bytes < 1000) return bytes + " B";
  for (const [factor, unit, places] of [[1e3, "kB", 1], [1e6, "MB", 1]]) {
    const shown = (bytes / factor).toFixed(places);
    if (Number(shown) < 1000) return shown + " " + unit;
  }
  return (bytes / 1e9).toFixed(2) + " GB";
}

function percent(part, whole) {
  if (!whole) return "";
  const share = part / whole * 100;
  return (share >= 10 || share === 0 ? Math.round(share) : share.toFixed(1)) + " %";
}

function modelOf(data) {
  const { nodes } = data;
  const children = nodes.map(() => []);
  for (let at = 1; at < nodes.length; at++) children[nodes[at][PARENT]].push(at);
  const isLeaf = (at) => children[at].length === 0;
  // Without a comparison file by file: what is in layers that are new or changed.
  const changed = new Set(data.changed ?? []);
  const grown = nodes.map((node, at) => data.compared ? node[GROWN] : isLeaf(at) ? inLayers(node, (layer) => changed.has(layer)) : 0);
  if (!data.compared) addUp(grown, nodes);
  const measures = {
    all: (at) => nodes[at][BYTES],
    own: (at) => nodes[at][BYTES] - nodes[at][BASE],
    base: (at) => nodes[at][BASE],
    grown: (at) => grown[at],
  };
  const path = (at) => {
    const names = [];
    for (; at !== 0; at = nodes[at][PARENT]) names.unshift(label(nodes[at]));
    return "/" + names.join("/");
  };
  return { ...data, children, isLeaf, measures, path };
}

function inLayers(node, counts) {
  let sum = 0;
  for (let at = 0; at < node[LAYERS].length; at += 2) if (counts(node[LAYERS][at])) sum += node[LAYERS][at + 1];
  return sum;
}

// Parents stand before their children.
function addUp(sums, nodes) {
  for (let at = nodes.length - 1; at > 0; at--) sums[nodes[at][PARENT]] += sums[at];
}

function label(node) {
  if (node[KIND] === REST) return node[FILES] === 1 ? "1 smaller file" : node[FILES].toLocaleString("en") + " smaller files";
  return node[NAME];
}

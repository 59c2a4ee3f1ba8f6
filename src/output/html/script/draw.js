// The map as SVG. Only attributes are set: the page's policy forbids styles in markup.
const SVG = "http://www.w3.org/2000/svg";
const HEADING = 20, GAP = 2, LETTER = 6.9;

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  parent?.append(made);
  return made;
}

function cut(text, room) {
  const letters = Array.from(text);
  return letters.length <= room ? text : room < 2 ? "" : letters.slice(0, room - 1).join("") + "…";
}

function draw(chart) {
  const { model, stage, measure, root } = chart;
  const width = Math.max(240, stage.clientWidth), height = width < 560 ? Math.round(Math.max(400, width * 1.25)) : Math.round(Math.min(720, Math.max(440, width * 0.62)));
  const size = model.measures[measure];
  const whole = size(0);
  const svg = element("svg", { class: "drawn" + (chart.light ? " lighting" : ""), viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": `Map of ${model.path(root)}. Arrow keys move, Enter opens a directory, Escape closes it.` });
  hatch(svg);
  chart.cells = [];
  const open = [{ at: root, x: 0, y: 0, w: width, h: height, depth: 0 }];
  while (open.length) {
    const place = open.pop();
    let { at, x, y, w, h, depth } = place;
    // A directory with nothing but a directory in it is one with that.
    let name = label(model.nodes[at]);
    for (let only; at !== root && (only = model.children[at])?.length === 1 && !model.isLeaf(only[0]); name += "/" + label(model.nodes[at])) at = only[0];
    const isRoot = at === root;
    const isOpen = !model.isLeaf(at) && (isRoot || depth < 7 && w >= 56 && h >= 44);
    if (!isRoot || !isOpen) chart.cells.push(cell(chart, svg, { ...place, at, name }, isOpen, whole));
    if (!isOpen) continue;
    const top = isRoot ? 0 : HEADING, gap = isRoot ? 0 : GAP;
    const parts = model.children[at].map((child) => ({ at: child, size: size(child) }));
    for (const part of divided(parts, x + gap, y + top, w - 2 * gap, h - top - gap).reverse()) open.push({ ...part, depth: depth + 1, above: at });
  }
  if (!whole || !size(root)) {
    element("text", { class: "nothing", x: width / 2, y: height / 2, "text-anchor": "middle" }, svg).textContent = measure === "grown" ? "Nothing grew here." : "Nothing here.";
  }
  stage.replaceChildren(svg);
  chart.svg = svg;
  (chart.cells.find((each) => each.at === chart.current) ?? chart.cells[0])?.shape.setAttribute("tabindex", "0");
}

function hatch(svg) {
  const pattern = element("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, element("defs", {}, svg));
  element("rect", { class: "hatched", width: 7, height: 7 }, pattern);
  element("rect", { class: "hatch", width: 2.5, height: 7 }, pattern);
}

// A cell is an SVG of its own, so that no name runs over its edge.
function cell(chart, svg, { at, above, name, x, y, w, h }, isOpen, whole) {
  const { model, measure, light } = chart;
  const node = model.nodes[at], bytes = model.measures[measure](at);
  const width = Math.max(0.6, w - 1), height = Math.max(0.6, h - 1);
  const classes = ["cell", isOpen ? "directory" : "", light?.isTouched[at] ? "touched" : ""];
  const shape = element("svg", { class: classes.join(" ").trim(), x: (x + 0.5).toFixed(1), y: (y + 0.5).toFixed(1), width: width.toFixed(1), height: height.toFixed(1), tabindex: -1, role: "button", "aria-label": told(chart, at, whole) }, svg);
  shape.dataset.at = at;
  const full = { width: "100%", height: "100%", rx: 2 };
  element("rect", { class: "ground " + ground(node, measure, isOpen), ...full }, shape);
  if (!isOpen) {
    const share = (part) => Math.round(part / Math.max(1, node[BYTES]) * 1000) / 10;
    if (measure === "all") {
      const own = share(node[BYTES] - node[BASE]), hidden = share(node[HIDDEN]);
      if (own > 1 && own < 99) element("rect", { class: "part own", width: own + "%", height: "100%" }, shape);
      if (hidden > 1) element("rect", { x: (100 - hidden) + "%", width: hidden + "%", height: "100%", fill: "url(#hatch)" }, shape);
    }
    if (light?.lit[at] > 0) element("rect", { class: "part lit", width: Math.max(2, share(light.lit[at])) + "%", height: "100%" }, shape);
  }
  element("rect", { class: "edge", ...full }, shape);
  const room = Math.floor((width - 10) / LETTER), shown = amount(bytes);
  if (node[KIND] === DIRECTORY && !isOpen) name += "/";
  if (height >= 17 && room >= 3) {
    const first = element("text", { class: "name", x: 6, y: 14 }, shape);
    first.textContent = isOpen && room > shown.length + 5 ? cut(name, room - shown.length - 2) : cut(name, room);
    if (isOpen && room > shown.length + 5) {
      element("text", { class: "amount", x: (width - 6).toFixed(1), y: 14, "text-anchor": "end" }, shape).textContent = shown;
    } else if (!isOpen && height >= 34 && room >= shown.length) {
      element("text", { class: "amount", x: 6, y: 29 }, shape).textContent = shown;
    }
  }
  return { at, above, shape };
}

function ground(node, measure, isOpen) {
  if (isOpen) return "";
  if (measure === "grown") return "grown";
  if (measure !== "all") return measure;
  return node[BASE] > node[BYTES] / 2 ? "base" : "own";
}

// A cell in words: its path, bytes, share, whose they are, and who stored them.
function told({ model, measure, light }, at, whole) {
  const node = model.nodes[at], bytes = model.measures[measure](at);
  const said = [model.path(at), amount(bytes) + " (" + percent(bytes, whole) + ")"];
  const { base, own } = { base: node[BASE], own: node[BYTES] - node[BASE] };
  if (measure === "all" && base) said.push(own ? `base ${amount(base)}, yours ${amount(own)}` : "base");
  if (node[HIDDEN] && measure === "all") said.push(node[HIDDEN] === node[BYTES] ? "deleted or replaced later" : amount(node[HIDDEN]) + " deleted or replaced later");
  if (node[KIND] !== 1) said.push(node[FILES] === 1 ? "1 file" : node[FILES].toLocaleString("en") + " files");
  const [layer, most] = node[LAYERS];
  if (at !== 0 && layer !== undefined && model.layers[layer]) {
    const [instruction, place] = model.layers[layer];
    said.push((most < node[BYTES] ? "mostly " : "") + [place, instruction].filter(Boolean).join(" "));
  }
  const owner = model.owners.get(node[PACKAGE]);
  if (owner) said.push("package " + owner);
  if (light?.lit[at]) said.push(amount(light.lit[at]) + " lit");
  return said.join(" · ");
}

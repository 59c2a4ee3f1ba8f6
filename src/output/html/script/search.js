// Finds paths and packages; what is chosen is lit.
function searchable(model) {
  const { nodes } = model;
  const paths = nodes.flatMap((node, at) => at === 0 || node[KIND] === REST ? [] : [{ name: model.path(at), bytes: node[BYTES], at, light: { whole: [at], wasted: [at] } }]);
  const files = model.files.map(([at, name, bytes, hidden]) => ({ name, bytes, at, note: hidden ? "deleted or replaced later" : "", light: { parts: [[at, bytes]] } }));
  const packages = model.packages.map(([position, name, version, from, bytes]) => ({
    name: version ? name + " " + version : name, bytes, note: from + " package", package: position,
  }));
  return [...packages, ...paths, ...files].map((each) => ({ ...each, key: each.name.toLowerCase() })).sort((a, b) => b.bytes - a.bytes);
}

function search(chart, words) {
  const { model, found } = chart;
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  found.replaceChildren();
  found.hidden = wanted.length === 0;
  if (found.hidden) return;
  chart.entries ??= searchable(model);
  const hits = chart.entries.filter((each) => wanted.every((word) => each.key.includes(word)));
  const MOST = 40;
  const list = document.createElement("ul");
  for (const hit of hits.slice(0, MOST)) {
    const button = document.createElement("button");
    button.type = "button";
    for (const [kind, text] of [["bytes", amount(hit.bytes)], ["path", hit.name], ["note", hit.note ?? ""]]) {
      const part = document.createElement(kind === "path" ? "bdi" : "span");
      part.className = kind;
      part.textContent = text;
      if (text) button.append(part);
    }
    button.addEventListener("click", () => choose(chart, hit));
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  const said = document.createElement("p");
  const left = model.more + model.morePackages;
  said.textContent = (hits.length === 0 ? "Nothing found" : hits.length === 1 ? "1 found" : hits.length.toLocaleString("en") + " found")
    + (hits.length > MOST ? `, the ${MOST} largest shown` : "")
    + (left > 0 ? `. ${left.toLocaleString("en")} smaller files and packages are not in this page.` : ".");
  found.append(list, said);
}

function choose(chart, hit) {
  const { model } = chart;
  let light = hit.light;
  if (hit.package !== undefined) {
    const all = model.nodes.flatMap((node, at) => model.isLeaf(at) && node[PACKAGE] === hit.package ? [at] : []);
    light = { whole: all, wasted: all };
  }
  chart.found.hidden = true;
  shine(chart, light, null, hit.name + " · " + amount(hit.bytes));
  if (hit.at === undefined) return;
  let root = model.isLeaf(hit.at) ? model.nodes[hit.at][PARENT] : hit.at;
  go(chart, root, false);
  chart.told.textContent = hit.name + " · " + amount(hit.bytes);
}

// Going about in the map: one stop for Tab; arrows move, Enter opens, Escape closes.
function pressed(chart, event) {
  const { model, cells, root } = chart, at = Number(event.target.dataset.at);
  const here = cells.find((each) => each.at === at);
  if (!here) return;
  const siblings = cells.filter((each) => each.above === here.above);
  const place = siblings.findIndex((each) => each.at === at);
  const moves = {
    ArrowRight: () => siblings[(place + 1) % siblings.length],
    ArrowLeft: () => siblings[(place - 1 + siblings.length) % siblings.length],
    ArrowDown: () => cells.find((each) => each.above === at),
    ArrowUp: () => cells.find((each) => each.at === here.above),
    Home: () => siblings[0],
    End: () => siblings[siblings.length - 1],
  };
  if (event.key in moves) {
    const to = moves[event.key]();
    if (to) focus(chart, to.at);
  } else if (event.key === "Enter" || event.key === " ") {
    if (!model.isLeaf(at)) go(chart, at, true);
  } else if (event.key === "Escape") {
    if (root !== 0) go(chart, model.nodes[root][PARENT], true);
    else if (chart.light) unlight(chart);
    else return;
  } else return;
  event.preventDefault();
}

function focus(chart, at) {
  for (const each of chart.cells) each.shape.setAttribute("tabindex", each.at === at ? "0" : "-1");
  chart.current = at;
  chart.cells.find((each) => each.at === at)?.shape.focus({ preventScroll: true });
}

// Opens a directory.
function go(chart, at, byKeyboard) {
  const from = chart.root;
  chart.root = at;
  draw(chart);
  crumbs(chart);
  say(chart, at);
  if (byKeyboard && chart.cells.length) focus(chart, (chart.cells.find((each) => each.at === from) ?? chart.cells[0]).at);
}

function crumbs(chart) {
  const { model, root } = chart, nav = chart.section.querySelector(".crumbs");
  const way = [];
  for (let at = root; ; at = model.nodes[at][PARENT]) {
    way.unshift(at);
    if (at === 0) break;
  }
  nav.replaceChildren(...way.map((at, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = at === 0 ? "/" : label(model.nodes[at]);
    if (index === way.length - 1) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => go(chart, at, false));
    return button;
  }));
}

function say(chart, at) {
  chart.told.textContent = told(chart, at, chart.model.measures[chart.measure](0));
}

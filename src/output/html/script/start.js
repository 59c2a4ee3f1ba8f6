// Each image has a chart, made when it is first looked at.
const charts = new Map();

function chartOf(section) {
  const position = Number(section.dataset.target), data = images[position];
  if (!data) return null;
  if (charts.has(position)) return charts.get(position);
  const model = modelOf(data);
  model.owners = new Map(model.packages.map(([at, name, version]) => [at, version ? name + " " + version : name]));
  const one = (selector) => section.querySelector(selector);
  const chart = { section, model, stage: one(".stage"), told: one(".told"), found: one(".found"), root: 0, measure: model.inspected && model.compared && model.measures.grown(0) > 0 ? "grown" : "all", light: null, current: null, cells: [] };
  charts.set(position, chart);
  mark(chart);
  chart.stage.addEventListener("click", (event) => {
    const at = Number(event.target.closest(".cell")?.dataset.at);
    if (Number.isNaN(at)) return;
    if (!model.isLeaf(at)) return go(chart, at, false);
    focus(chart, at);
    say(chart, at);
  });
  for (const kind of ["mouseover", "focusin"]) {
    chart.stage.addEventListener(kind, (event) => {
      const at = event.target.closest(".cell")?.dataset.at;
      if (at !== undefined) say(chart, Number(at));
    });
  }
  chart.stage.addEventListener("keydown", (event) => pressed(chart, event));
  for (const button of section.querySelectorAll("[data-measure]")) {
    button.addEventListener("click", () => {
      chart.measure = button.dataset.measure;
      mark(chart);
      draw(chart);
      say(chart, chart.root);
    });
  }
  for (const button of section.querySelectorAll("[data-cause]")) {
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-pressed") === "true") return unlight(chart);
      // On a phone the map is further down.
      chart.stage.scrollIntoView({ block: "nearest" });
      const cause = model.causes[Number(button.dataset.cause)];
      shine(chart, cause, button, "where the bytes of this cause are" + (cause.frees ? `; fixing it frees at most ${cause.frees}` : ""));
    });
  }
  for (const row of section.querySelectorAll("[data-layer]")) {
    row.addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      shine(chart, { layer: Number(row.dataset.layer) }, null, "layer " + (Number(row.dataset.layer) + 1));
      chart.stage.scrollIntoView({ block: "nearest" });
    });
  }
  const input = one(".search input");
  input.addEventListener("input", () => search(chart, input.value));
  one(".search").addEventListener("keydown", (event) => {
    const buttons = [...chart.found.querySelectorAll("button")], here = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: buttons[here + 1], ArrowUp: here > 0 ? buttons[here - 1] : input }[event.key];
    if (to) {
      to.focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      chart.found.hidden = true;
      input.focus();
    }
  });
  one(".search").addEventListener("focusout", (event) => {
    if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) chart.found.hidden = true;
  });
  input.addEventListener("focus", () => search(chart, input.value));
  return chart;
}

function shine(chart, what, button, name) {
  chart.light = lightOf(chart.model, what);
  [chart.root, chart.measure] = [0, "all"];
  mark(chart);
  lit(chart, button);
  draw(chart);
  crumbs(chart);
  chart.told.textContent = chart.light.sum > 0
    ? `${amount(chart.light.sum)} lit: ${name}`
    : chart.light.isTouched[0] ? `Lit: ${name}` : `${name}: no bytes of its own on the map`;
}

// Which bytes are shown.
function mark(chart) {
  for (const each of chart.section.querySelectorAll("[data-measure]")) each.setAttribute("aria-pressed", String(each.dataset.measure === chart.measure));
}

function unlight(chart) {
  chart.light = null;
  lit(chart, null);
  draw(chart);
  say(chart, chart.root);
}

function lit(chart, button) {
  for (const each of chart.section.querySelectorAll("[data-cause]")) {
    const isLit = each === button;
    each.setAttribute("aria-pressed", String(isLit));
    each.textContent = isLit ? "Shown on the map" : "Show on the map";
    each.closest(".cause").classList.toggle("lit", isLit);
  }
  chart.section.querySelector(".lit-key").hidden = !chart.light;
}

function open(position) {
  for (const section of document.querySelectorAll("section.target")) section.hidden = section.dataset.target !== String(position);
  for (const link of document.querySelectorAll(".switch a")) {
    if (link.dataset.open === String(position)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const section = document.querySelector(`section.target[data-target="${position}"]`), chart = section && chartOf(section);
  if (!chart) return;
  draw(chart);
  crumbs(chart);
  say(chart, chart.root);
}

const page = document.documentElement;
page.classList.add("js");
document.querySelector(".theme").addEventListener("click", () => {
  const isDark = page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  page.dataset.theme = isDark ? "light" : "dark";
});
for (const link of document.querySelectorAll(".switch a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(Number(link.dataset.open));
  });
}
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  for (const chart of charts.values()) if (!chart.section.hidden) draw(chart);
});
if (document.querySelector("section.target")) open(0);

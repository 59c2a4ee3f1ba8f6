// Looks at a page as people do, in headless Chromium: browser.mjs PAGE.html [FOLDER FOR SCREENSHOTS]. Says what is wrong, one line each,
// and exits with 1 where anything is. MODULES names the folder node_modules, CHROMIUM the browser.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [file, shots] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(join(process.env.MODULES, "playwright-core"));
const html = readFileSync(file);
const wrong = [];
const expect = (holds, what) => holds || wrong.push(what);

// Served, so that what a browser asks for by itself would be seen, too.
const asked = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  response.writeHead(request.url === "/page.html" ? 200 : 404, { "content-type": "text/html" });
  response.end(request.url === "/page.html" ? html : "");
}).listen(0, "127.0.0.1");
await new Promise((done) => server.once("listening", done));
const address = `http://127.0.0.1:${server.address().port}/page.html`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
});

async function look(name, options, steps) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on("console", (message) => message.type() === "error" && wrong.push(`${name}: console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`${name}: ${error.stack}`));
  page.on("dialog", (dialog) => { wrong.push(`${name}: a dialog opened`); dialog.dismiss(); });
  page.on("request", (request) => request.url() === address || wrong.push(`${name}: asked for ${request.url()}`));
  await page.goto(address);
  await steps(page);
  if (options.javaScriptEnabled !== false) {
    expect((await page.evaluate(() => window.violations)).length === 0, `${name}: the policy was violated`);
    expect(await page.evaluate(() => window.hacked === undefined), `${name}: a name was executed`);
  }
  const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (options.javaScriptEnabled !== false) expect(await page.evaluate(sideways) <= 0, `${name}: it scrolls sideways by ${await page.evaluate(sideways)}`);
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: Boolean(options.whole) });
  await context.close();
}

const lit = (page) => page.locator("svg.drawn .cell.touched").count();
const cells = (page) => page.locator("svg.drawn .cell").count();
const focused = (page) => page.evaluate(() => document.activeElement.dataset.at);
const crumbs = (page) => page.locator(".target:not([hidden]) .crumbs button").count();

// Contrast of all text that is shown (WCAG 2.2, 1.4.3): what is behind it is the nearest ground that is not transparent.
const faint = () => {
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const over = (top, alpha, below) => top.map((c, at) => c * alpha + below[at] * (1 - alpha));
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(node).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility?.({ checkOpacity: true }) || node.closest("script, style, .unseen, :disabled")) continue;
    const style = getComputedStyle(node);
    let ground, ink;
    if (node instanceof SVGElement) {
      const cell = node.closest(".cell");
      const fills = cell ? [...cell.querySelectorAll(":scope > .ground, :scope > .part, :scope > .none")].map((rect) => parse(getComputedStyle(rect).fill)) : [behind(node)];
      const alpha = Number(style.opacity);
      for (const fill of fills) {
        const worst = ratio(over(parse(style.fill), alpha, fill), fill);
        if (worst < 4.5) found.push(`${worst.toFixed(2)} ${text.data.slice(0, 40)} in ${cell?.getAttribute("class")}`);
      }
      continue;
    }
    [ground, ink] = [behind(node), parse(style.color)];
    if (ratio(ink, ground) < 4.5) found.push(`${ratio(ink, ground).toFixed(2)} ${text.data.trim().slice(0, 40)} in ${node.className || node.tagName}`);
  }
  return [...new Set(found)];
};

for (const colorScheme of ["light", "dark"]) {
  await look(colorScheme, { colorScheme, deviceScaleFactor: 2 }, async (page) => {
    expect(await cells(page) > 3, "the map has no cells");
    for (const line of await page.evaluate(faint)) wrong.push(`${colorScheme}: too faint: ${line}`);
  });
}

await look("causes", {}, async (page) => {
  const button = page.locator(".target:not([hidden]) [data-cause]").first();
  if (await button.count() === 0) return;
  await button.click();
  expect(await button.getAttribute("aria-pressed") === "true", "the cause is not marked as shown");
  expect(await lit(page) > 0, "a click on a cause lights nothing");
  expect(/lit/i.test(await page.locator(".target:not([hidden]) .told").innerText()), "how much is lit is not said");
  for (const line of await page.evaluate(faint)) if (!/0\.\d+ /.test(line)) wrong.push(`causes: too faint: ${line}`);
  if (shots) await page.screenshot({ path: join(shots, "lit.png") });
  await button.click();
  expect(await lit(page) === 0, "a second click does not put the light out");
});

await look("keys", {}, async (page) => {
  let presses = 0;
  while (await focused(page) === undefined && presses++ < 80) await page.keyboard.press("Tab");
  const first = await focused(page);
  expect(first !== undefined, "Tab does not lead to the map");
  await page.keyboard.press("ArrowRight");
  const second = await focused(page);
  await page.keyboard.press("ArrowLeft");
  expect(await focused(page) === first, "left does not undo right");
  expect(second !== undefined, "an arrow leaves the map");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement.querySelector(".edge")).strokeWidth);
  expect(outline !== "0px" && outline !== "none", "the focus cannot be seen");
  await page.keyboard.press("Home");
  const before = await crumbs(page);
  await page.keyboard.press("Enter");
  expect(await crumbs(page) === before + 1, "Enter does not open a directory");
  expect(await focused(page) !== undefined, "opening a directory loses the focus");
  await page.keyboard.press("Escape");
  expect(await crumbs(page) === before, "Escape does not close it");
  await page.keyboard.press("Tab");
  expect(await focused(page) === undefined, "the map is more than one stop for Tab");
});

await look("bytes", {}, async (page) => {
  for (const measure of ["own", "base", "grown", "all"]) {
    const button = page.locator(`.target:not([hidden]) [data-measure=${measure}]`);
    if (await button.isDisabled()) continue;
    await button.click();
    expect(await button.getAttribute("aria-pressed") === "true", `${measure} is not marked`);
    for (const line of await page.evaluate(faint)) wrong.push(`${measure}: too faint: ${line}`);
    if (shots) await page.screenshot({ path: join(shots, `bytes-${measure}.png`) });
  }
});

await look("mouse", {}, async (page) => {
  const directory = page.locator("svg.drawn .cell.directory").first();
  await directory.click({ position: { x: 20, y: 8 } });
  expect(await crumbs(page) === 2, "a click does not open a directory");
  if (shots) await page.screenshot({ path: join(shots, "opened.png") });
  await page.locator(".target:not([hidden]) .crumbs button").first().click();
  expect(await crumbs(page) === 1, "a click on the path does not lead back");
});

await look("search", {}, async (page) => {
  const input = page.locator(".target:not([hidden]) .search input");
  await input.fill(process.env.FIND ?? "lib");
  const hits = page.locator(".target:not([hidden]) .found button");
  expect(await hits.count() > 0, "the search finds nothing");
  if (shots) await page.screenshot({ path: join(shots, "search-open.png") });
  await input.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await page.locator("svg.drawn.lighting").count() === 1, "what was found is not lit");
  await input.fill("nothing is called like this");
  expect(/nothing found/i.test(await page.locator(".target:not([hidden]) .found").innerText()), "it is not said that nothing was found");
});

await look("theme", { colorScheme: "light" }, async (page) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  await page.locator(".theme").click();
  expect(await ground() !== before, "the switch between light and dark does nothing");
  await page.locator(".theme").click();
  expect(await ground() === before, "it does not lead back");
});

await look("switch", {}, async (page) => {
  const links = page.locator(".switch a");
  for (let at = 0; at < await links.count(); at++) {
    await links.nth(at).click();
    expect(await page.locator("section.target:not([hidden])").count() === 1, "more than one image is shown");
  }
});

for (const colorScheme of ["light", "dark"]) {
  await look(`phone-${colorScheme}`, { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme, whole: true }, async (page) => {
    for (const line of await page.evaluate(faint)) wrong.push(`phone: too faint: ${line}`);
    const small = await page.evaluate(() => [...document.querySelectorAll("body :not(svg *)")].filter((node) => node.checkVisibility() && !node.closest(".unseen") && node.getBoundingClientRect().right > 361).map((node) => node.className || node.tagName));
    expect(small.length === 0, `phone: cut off: ${[...new Set(small)].join(", ")}`);
  });
}

await look("plain", { javaScriptEnabled: false, whole: true }, async (page) => {
  expect(await page.locator("svg.static.wide").isVisible(), "without a script there is no map");
  expect(await page.locator(".head h2").first().isVisible(), "without a script there is no verdict");
});
await look("plain-phone", { javaScriptEnabled: false, viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, whole: true }, async (page) => {
  expect(await page.locator("svg.static.narrow").isVisible(), "without a script there is no map on a phone");
});
await look("print", { whole: true }, async (page) => {
  await page.emulateMedia({ media: "print" });
  expect(!await page.locator(".theme").isVisible(), "buttons are printed");
});

await browser.close();
server.close();
for (const path of asked.filter((path) => path !== "/page.html")) wrong.push(`the server was asked for ${path}`);
for (const line of new Set(wrong)) console.log(line);
process.exit(wrong.length ? 1 : 0);

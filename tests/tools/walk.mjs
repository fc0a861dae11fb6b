// Walks through the site as a reader does, with scripts off and on, at the width of a phone and of a
// desktop; looks for barriers with axe-core; keeps a picture of every page.
//
//   node walk.mjs ADDRESS FOLDER
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [base, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(folder, { recursive: true });

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--lang=zh-CN"],
});

function check(condition, what) {
  if (!condition) throw new Error(what);
}

let violations = 0;
for (const [name, viewport, scripts, scheme] of [
  ["phone", { width: 390, height: 844, isMobile: true, hasTouch: true }, false, "light"],
  ["desktop", { width: 1280, height: 900 }, true, "light"],
  ["night", { width: 1280, height: 900 }, true, "dark"],
]) {
  const page = await browser.newPage();
  await page.setViewport(viewport);
  await page.setJavaScriptEnabled(scripts);
  await page.setExtraHTTPHeaders({ "accept-language": name === "desktop" ? "en" : "zh-CN" });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const outside = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) outside.push(request.url());
  });
  page.on("pageerror", (error) => check(false, `${page.url()}: ${error}`));
  page.on("console", (message) => check(message.type() !== "error", `${page.url()}: ${message.text()}`));

  const seen = async (step) => {
    await page.screenshot({ path: `${folder}/${name}-${step}.png`, fullPage: step !== "front" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(wide <= 0, `${name} ${step} is ${wide} pixels too wide`);
    if (scripts) {
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run());
      for (const violation of found.violations) {
        violations += 1;
        console.log(`${name} ${step}: ${violation.id}: ${violation.help}: ${violation.nodes.map((n) => n.html).slice(0, 3).join(" | ")}`);
      }
    }
  };
  const follow = async (selector) => {
    const href = await page.$eval(selector, (link) => link.href);
    const answer = await page.goto(href);
    check(answer.ok(), `${href} answers ${answer.status()}`);
  };
  const fill = async (selector, text) => {
    await page.focus(selector);
    await page.keyboard.type(text);
  };
  const submit = async (selector) => {
    await Promise.all([page.waitForNavigation(), page.click(selector)]);
  };

  await page.goto(`${base}/`);
  await seen("front");
  await follow(".edition .date a");
  await seen("edition");
  await follow(".leaves a");
  await seen("page");
  await follow(".news .title a");
  await seen("article");
  check((await page.$$(".story > p")).length > 0, "an article has a text");
  await fill(".search input", "光伏");
  await submit(".search button");
  await seen("search");
  check((await page.$$(".hits mark")).length > 0, "what was looked for is marked");
  await follow("nav.top a:last-of-type");
  await seen("feeds");
  await fill("#any", "光伏 储能");
  await submit(".builder button");
  await seen("built");
  const feed = await page.$eval(".made .feeds a", (link) => link.href);
  const answer = await (await fetch(feed)).text();
  check(answer.includes("<item>"), `${feed} has entries`);
  check(outside.length === 0, `requests to the outside: ${outside}`);
  await page.close();
}

const feed = await browser.newPage();
await feed.setViewport({ width: 1280, height: 900 });
for (const file of ["rss.xml", "atom.xml"]) {
  await feed.goto(`${base}/feeds/paper/${file}`);
  await feed.screenshot({ path: `${folder}/feed-${file}.png` });
  // Read as XML, shown by its style sheet: a headline is a line of its own, and the body is not in the way.
  const shown = await feed.evaluate(() => {
    const display = (name) => getComputedStyle(document.getElementsByTagNameNS("*", name)[0]).display;
    const entry = document.getElementsByTagNameNS("*", "item").length > 0 ? "item" : "entry";
    return { type: document.contentType, entry: display(entry), title: display("title"), category: display("category") };
  });
  check(shown.type === "application/xml", `${file} is shown as ${shown.type}`);
  check(shown.entry === "block" && shown.title === "block" && shown.category === "none", `${file} has no style: ${JSON.stringify(shown)}`);
}
await browser.close();
if (violations > 0) process.exit(1);
console.log("walked");

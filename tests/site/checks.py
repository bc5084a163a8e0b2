"""What every page must hold. Each check is a function that returns what it found wrong, in words."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Site:
    folder: Path
    url: str  # where it is served
    public: str  # where it says it is


def is_source(page: str) -> bool:
    """Whether a page publishes source code, made from the tree rather than written."""
    return page.startswith("source/")


# ---- Offline: the files as they were built ---------------------------------------------------------------------------


class Document(HTMLParser):
    """Links, anchors and pictures of one built page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.nameless: list[str] = []  # pictures without alternative text
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if values.get(name)}
        self.links += [values[name] for name in ("href", "src", "poster", "data") if name in values]
        self.links += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]
        if tag == "img" and not values.get("alt", "").strip():
            self.nameless.append(values.get("src", ""))


@cache
def document(file: Path) -> Document:
    return Document(file.read_text("utf-8"))


def sitemap(site: Path, root: str) -> list[str]:
    """Addresses in sitemap.xml, relative to the site's public root."""
    found = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text("utf-8"))
    strays = [url for url in found if not url.startswith(root)]
    if strays:
        raise ValueError(f"sitemap.xml names pages outside {root}: {strays}")
    return sorted(url.removeprefix(root) for url in found)


def built(site: Path) -> list[str]:
    """The same addresses, as the files say."""
    pages = (file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    return sorted(page.removesuffix("index.html") for page in pages if page != "404.html")


def page_file(site: Path, page: str) -> Path:
    return site / page / "index.html" if page.endswith("/") or not page else site / page


def broken_links(site: Path, root: str, page: str, hosts: set[str]) -> Iterator[tuple[str, str]]:
    """(link, why it is wrong) for every link, picture, script, style sheet and font of a page.

    `root` is the public address of the site, `hosts` are the outside hosts that pages may link to.
    """
    here = document(page_file(site, page))
    for link in dict.fromkeys(here.links):
        url, anchor = urldefrag(urljoin(root + page, link))
        if urlsplit(url).scheme in ("data", "mailto"):
            continue
        if not url.startswith(root):
            why = _outside(url, root, hosts)
        else:
            why = _inside(site, url.removeprefix(root), unquote(anchor))
        if why:
            yield link, why


def _outside(url: str, root: str, hosts: set[str]) -> str | None:
    parts = urlsplit(url)
    if parts.netloc == urlsplit(root).netloc:
        return f"leaves the site's path {urlsplit(root).path}"
    if parts.scheme != "https":
        return "is not https"
    return None if parts.netloc in hosts else f"{parts.netloc} is not in tests/site/external_hosts.txt"


def _inside(site: Path, path: str, anchor: str) -> str | None:
    file = page_file(site, unquote(path.split("?")[0]))
    if not file.is_file():
        return "no such file"
    if anchor and file.suffix == ".html" and anchor not in document(file).ids:
        return f"no such anchor: #{anchor}"
    return None


def broken_style(site: Path) -> Iterator[tuple[str, str]]:
    """(style sheet, url) for each url() in a style sheet that leads nowhere."""
    for sheet in site.rglob("*.css"):
        for url in re.findall(r"""url\(\s*["']?([^"')]+)""", sheet.read_text("utf-8")):
            if not url.startswith(("data:", "#")) and not (sheet.parent / url.split("?")[0].split("#")[0]).is_file():
                yield sheet.relative_to(site).as_posix(), url


def place(docs: Path, page: str, link: str) -> str:
    """`docs/page.md:12`, where a link of a built page was written (as nearly as the link's words tell)."""
    sources = [docs / f"{page.rstrip('/')}.md", docs / page / "index.md"]
    source = next((file for file in sources if file.is_file()), None)
    if source is None:
        return page or "/"
    path, anchor = urldefrag(link)
    stem = path.rstrip("/").rsplit("/", 1)[-1]
    for needle in (link, f"{stem}.md#{anchor}", f"#{anchor}" if anchor else None, f"{stem}.md", stem):
        for number, line in enumerate(source.read_text("utf-8").splitlines(), 1):
            if needle and needle in line:
                return f"{source.relative_to(docs.parent)}:{number}"
    return str(source.relative_to(docs.parent))


# ---- In the browser --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """How a reader sees a page."""

    width: int
    scheme: str
    javascript: bool = True

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}" if self.javascript else f"{self.width}-no-javascript"


VIEWS = [View(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
PLAIN = View(360, "light", javascript=False)


@dataclass
class Visit:
    """What happened while a page was open. Each list should be empty but `requests`."""

    url: str
    root: str
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)
    shifts: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)  # what axe reports
    unreadable: list[str] = field(default_factory=list)

    @property
    def strangers(self) -> list[str]:
        """Requests that leave the site: another origin, or another path of the same one."""
        return [url for url in self.requests if not url.startswith((self.root, "data:", "blob:"))]


def visit(browser: Browser, url: str, root: str, view: View, axe: str | None = None) -> Visit:
    """Open a page with an empty cache, scroll through it and look. `axe` is the text of axe-core."""
    seen = Visit(url, root)
    context = browser.new_context(
        viewport={"width": view.width, "height": 800},
        color_scheme=view.scheme,
        java_script_enabled=view.javascript,
        reduced_motion="reduce",
    )
    try:
        page = watch(context, seen)
        page.goto(url, wait_until="load")
        if view.javascript:  # without it no timer fires, and no picture is lazy
            page.evaluate(SETTLE)
        seen.shifts, seen.policy = page.evaluate("[globalThis.__shifts ?? [], globalThis.__policy ?? []]")
        seen.overflow = page.evaluate(OVERFLOW)
        seen.unreadable = page.evaluate(UNREADABLE)
        if axe:
            seen.barriers = barriers(context, page, axe)
    finally:
        context.close()
    return seen


def _lost(reason: str | None) -> bool:
    """Whether a request failed; one that the page itself gave up, for it was left or changed, did not."""
    return reason != "net::ERR_ABORTED"


def watch(context: BrowserContext, seen: Visit) -> Page:
    """A page that writes down its requests, what fails, what it logs and what the policy refuses."""
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on(
        "requestfailed",
        lambda request: _lost(request.failure) and seen.failed.append(f"{request.url}: {request.failure}"),
    )
    page.on(
        "response", lambda response: response.status >= 400 and seen.failed.append(f"{response.url}: {response.status}")
    )
    page.on("pageerror", lambda error: seen.console.append(f"uncaught: {error}"))
    page.on(
        "console", lambda line: line.type in ("error", "warning") and seen.console.append(f"{line.type}: {line.text}")
    )
    return page


def barriers(context: BrowserContext, page: Page, axe: str) -> list[str]:
    """Violations of every axe rule, none switched off. Runs in a world of its own, so the page's policy stays as it is."""
    session = context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]

    def run(expression: str) -> dict:
        options = {"expression": expression, "contextId": world, "awaitPromise": True, "returnByValue": True}
        answer = session.send("Runtime.evaluate", options)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"]

    run(axe + ";undefined")
    return run(AXE)["value"]


OBSERVE = """
globalThis.__shifts = [];
globalThis.__policy = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
    const moved = entry.sources.map(({ node, previousRect, currentRect }) =>
      `${(node?.outerHTML ?? node?.data ?? "").trim().slice(0, 60)} from ${box(previousRect)} to ${box(currentRect)}`);
    __shifts.push(`${entry.value} at ${Math.round(entry.startTime)} ms: ${moved.join("; ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) =>
  __policy.push(`${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`));
"""

# Wait for fonts, walk down the page so that lazy pictures load, wait for them, let the observers report.
SETTLE = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  await document.fonts.ready;
  await frame();
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) { scrollTo(0, y); await frame(); }
  const shown = [...document.images].filter((image) => image.checkVisibility());
  const late = new Promise((done) => setTimeout(done, 3000));
  await Promise.race([late, Promise.all(shown.map((image) => image.decode().catch(() => {})))]);
  scrollTo(0, 0);
  await frame();
  await new Promise((done) => setTimeout(done, 120));
}"""

OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const clipped = (node) => {
    for (let box = node.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return getComputedStyle(node).position === "fixed";
  };
  const wide = [...document.body.querySelectorAll("*")]
    .filter((node) => node.getBoundingClientRect().right > width + .5 && !clipped(node));
  return [`page is ${document.documentElement.scrollWidth - width} px wider than the screen`,
          ...wide.slice(0, 3).map((node) => node.outerHTML.slice(0, 120))];
}"""

# Text that is there but not shown, pictures that did not come, formulas that were left as TeX.
UNREADABLE = r"""() => {
  const article = document.querySelector("article") ?? document.body;
  const folded = (node) => node.closest("details:not([open]), .tabbed-block, [hidden], mjx-assistive-mml");
  const hidden = [...article.querySelectorAll("h1, h2, h3, p, li, pre, td, th, figcaption, mjx-container")]
    .filter((node) => !folded(node) && (node.textContent.trim() || node.matches("mjx-container")))
    .filter((node) => !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
                      || !node.getBoundingClientRect().height)
    .map((node) => `hidden: ${node.outerHTML.slice(0, 120)}`);
  const pictures = [...article.querySelectorAll("figure, p")]
    .filter((node) => !folded(node) && node.querySelector("img"))
    .filter((node) => ![...node.querySelectorAll("img")].some((image) => image.checkVisibility() && image.naturalWidth))
    .map((node) => `no picture: ${node.outerHTML.slice(0, 120)}`);
  const raw = [...article.querySelectorAll(".arithmatex, mjx-merror")]
    .filter((node) => !node.querySelector("mjx-container") || node.matches("mjx-merror"))
    .map((node) => `formula left as TeX: ${node.textContent.slice(0, 80)}`);
  return [...hidden, ...pictures, ...raw];
}"""

AXE = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))"""

# What a visit is asked, by name.
QUESTIONS: dict[str, Callable[[Visit], list[str]]] = {
    "stays on the site": lambda seen: seen.strangers,
    "every request succeeds": lambda seen: seen.failed,
    "the console is silent": lambda seen: seen.console,
    "the policy refuses nothing": lambda seen: seen.policy,
    "nothing moves while it loads": lambda seen: seen.shifts,
    "fits the screen": lambda seen: seen.overflow,
    "is open to everyone": lambda seen: seen.barriers,
    "is readable": lambda seen: seen.unreadable,
}

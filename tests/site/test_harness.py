"""Each check can fail: a page with one fault is reported for that fault, and a good page for none."""

from pathlib import Path

import checks
import pytest
from playwright.sync_api import Browser
from serve import serve

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/sub/style.css"></head>
<body><main><article><h1 id="top">A page</h1><p>Good text.</p>{body}</article></main></body></html>"""
DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'
FILES = {
    "dot.svg": DOT,
    "style.css": "body { margin: 0; color: #222; background: #fff } .faint { color: #ccc } .gone { display: none }",
    "late.js": """requestAnimationFrame(() => setTimeout(() =>
        document.querySelector("h1").insertAdjacentHTML("beforebegin", "<p>late<br>late</p>"), 30));""",
    "shout.js": "console.error('a fault');",
    "throw.js": "throw new Error('a fault');",
    "own.js": "fetch('/elsewhere');",
}
FAULTS = {  # question: a body that must be reported
    "stays on the site": '<img src="https://third-party.invalid/pixel.png" alt="a pixel">',
    "every request succeeds": '<img src="missing.png" alt="not there">',
    "the console is silent": '<script src="shout.js"></script>',
    "the policy refuses nothing": "<script>document.title = 'inline'</script>",
    "nothing moves while it loads": '<script src="late.js" defer></script>',
    "fits the screen": '<div style="width: 900px">wide</div>',
    "is open to everyone": '<p class="faint">You cannot read this.</p>',
    "is readable": '<p class="gone">Text that only a script shows.</p>',
}
MORE = [  # other faces of the same questions: (question, body, words of the report)
    ("is open to everyone", '<img src="dot.svg">', "image-alt"),
    ("is readable", '<p><img src="missing.png" alt="not there"></p>', "no picture"),
    ("is readable", '<p><span class="arithmatex">\\(x\\)</span></p>', "formula left as TeX"),
    ("the console is silent", '<script src="throw.js"></script>', "uncaught"),
    ("stays on the site", '<script src="own.js"></script>', "/elsewhere"),
]


@pytest.fixture
def look(tmp_path: Path, browser: Browser, axe: str):
    """Visit a page with this body."""

    def look(body: str) -> checks.Visit:
        policy = POLICY + ("; style-src-attr 'unsafe-inline'" if "style=" in body else "")
        write(tmp_path, body, policy)
        with serve(tmp_path, "/sub/") as url:
            return checks.visit(browser, url, url, checks.View(360, "light"), axe)

    return look


def write(folder: Path, body: str, policy: str = POLICY, page: str = "index.html") -> None:
    for name, text in {**FILES, page: PAGE.format(policy=policy, body=body)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_every_question_has_a_fault():
    assert FAULTS.keys() == checks.QUESTIONS.keys()


def test_a_good_page_is_not_reported(look):
    seen = look('<figure><img src="dot.svg" alt="a dot" width="10" height="10"></figure>')
    assert {name: found for name, ask in checks.QUESTIONS.items() if (found := ask(seen))} == {}


@pytest.mark.parametrize("question", FAULTS)
def test_a_fault_is_reported(look, question: str):
    assert checks.QUESTIONS[question](look(FAULTS[question]))


@pytest.mark.parametrize(("question", "body", "words"), MORE)
def test_another_fault_is_reported(look, question: str, body: str, words: str):
    assert any(words in line for line in checks.QUESTIONS[question](look(body)))


ROOT = "https://example.org/sub/"
LINKS = {  # a link: what is said of it
    "nowhere/": "no such file",
    "#nowhere": "no such anchor: #nowhere",
    "missing.png": "no such file",
    "/elsewhere/": "leaves the site's path /sub/",
    "http://arxiv.org/abs/1": "is not https",
    "https://third-party.invalid/": "third-party.invalid is not in tests/site/external_hosts.txt",
}


def links(folder: Path) -> list[tuple[str, str]]:
    checks.document.cache_clear()
    return list(checks.broken_links(folder, ROOT, "", {"arxiv.org"}))


@pytest.mark.parametrize("link", LINKS)
def test_a_broken_link_is_reported(tmp_path: Path, link: str):
    write(tmp_path, f'<a href="{link}">a link</a>')
    assert links(tmp_path) == [(link, LINKS[link])]


def test_good_links_are_not_reported(tmp_path: Path):
    write(tmp_path, '<a href="#top">up</a> <a href="https://arxiv.org/abs/1">out</a> <img src="dot.svg" alt="a dot">')
    assert links(tmp_path) == []


def test_a_missing_font_is_reported(tmp_path: Path):
    write(tmp_path, "")
    (tmp_path / "style.css").write_text("@font-face { src: url(fonts/gone.woff2) }")
    assert list(checks.broken_style(tmp_path)) == [("style.css", "fonts/gone.woff2")]


def test_a_picture_without_words_is_reported(tmp_path: Path):
    write(tmp_path, '<img src="dot.svg"> <img src="dot.svg" alt=" ">')
    checks.document.cache_clear()
    assert checks.document(tmp_path / "index.html").nameless == ["dot.svg", "dot.svg"]


def test_a_report_names_the_file_and_the_line(tmp_path: Path):
    docs = tmp_path / "docs"
    (docs / "tier").mkdir(parents=True)
    (docs / "tier/page.md").write_text("# Page\n\n[gone](other.md#part)\n\n![a dot](page/dot.svg)\n")
    assert checks.place(docs, "tier/page/", "../other/#part") == "docs/tier/page.md:3"
    assert checks.place(docs, "tier/page/", "dot.svg") == "docs/tier/page.md:5"
    assert checks.place(docs, "tier/page/", "not-written-there") == "docs/tier/page.md"
    assert checks.place(docs, "source/made/", "x") == "source/made/"


def test_a_stray_address_in_the_sitemap_is_reported(tmp_path: Path):
    (tmp_path / "sitemap.xml").write_text("<urlset><url><loc>https://example.org/other/</loc></url></urlset>")
    with pytest.raises(ValueError, match="outside"):
        checks.sitemap(tmp_path, ROOT)

"""The pass over a finished site: what it changes, what it leaves alone, what it refuses, and what a browser makes of it."""

import hashlib
import json
import re
import sys
from base64 import b64encode
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.structure.files import File, InclusionLevel
from PIL import Image
from playwright.sync_api import sync_playwright

from press.address import link, markdown, resolve, url
from press.catalog import Catalog
from press.errors import PressErrors
from press.finish import finish
from press.finish.html import edited, tag, tags
from press.finish.policy import guarded, policy
from press.finish.programs import joined
from press.finish.size import size
from press.sources import source_pages

sys.path.insert(0, str(Path(__file__).parents[1] / "site"))

from browser import launch
from serve import serve

SVG = '<?xml version="1.0"?>\n<svg height="240pt" width="504pt" viewBox="0 0 504 240" xmlns="http://www.w3.org/2000/svg">{}</svg>'
PAGE = '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{0}</title>\n</head>\n<body>\n{0}\n</body>\n</html>\n'
ACTORS = '''
    from typing import Annotated

    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure


    def learnt(line, seed: int = 7) -> Annotated[Figure, "webp"]:
        """What *one* network learnt of $x^2$, see [the other page](../two/page.md#why).

        badge: trained
        """


    def film() -> FuncAnimation:
        """Moves.

        badge: precomputed
        """


    def table() -> str:
        return "| a |"
    '''


def webp(width: int, height: int, **options) -> bytes:
    with BytesIO() as file:
        Image.new(options.pop("mode", "RGB"), (width, height)).save(file, "webp", **options)
        return file.getvalue()


class Site:
    """A project with built figures, and pages written by hand."""

    def __init__(self, desk):
        self.desk, self.project, self.folder = desk, desk.project, desk.project.root / "site"
        desk.write("src/figures/one/film.py", ACTORS)
        self.catalog = Catalog.scan(self.project)
        for path in self.catalog.by_output():
            self.build(path)

    def build(self, path: str) -> None:
        place = self.project.out / path
        place.parent.mkdir(parents=True, exist_ok=True)
        contents = {".svg": SVG.format(path).encode(), ".webp": webp(1344, 640)}
        place.write_bytes(contents.get(place.suffix, b"{}"))

    def page(self, body: str, path: str = "one/page/index.html") -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(PAGE.format(body), "utf-8", newline="")
        return place

    def finished(self, body: str, path: str = "one/page/index.html", **options) -> str:
        """The body of a page after the pass."""
        place = self.page(body, path)
        finish(self.project, self.folder, **options)
        return place.read_text("utf-8").partition("<body>\n")[2].partition("\n</body>")[0]

    def faults(self) -> list[str]:
        with pytest.raises(PressErrors) as caught:
            finish(self.project, self.folder)
        root = f"{self.project.root}/"
        return [str(error).replace(root, "") for error in caught.value.errors]

    def contents(self) -> dict[Path, tuple[bytes, int]]:
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.fixture
def site(desk) -> Site:
    return Site(desk)


# Pictures


def test_an_image_becomes_a_figure(site):
    body = site.finished('<p><img alt="A curve &amp; more" src="parabola.svg" /></p>')
    source = f"../../source/figures/one/page/#__codelineno-0-{site.catalog['one/page/parabola'].line}"
    assert body == (
        '<figure class="dl-figure" id="fig-parabola">\n'
        '<picture><source media="(max-width: 30em)" srcset="parabola.narrow.svg" width="672" height="320">'
        '<img class="dl-light" src="parabola.svg" alt="A curve &amp; more" width="672" height="320" loading="lazy"'
        ' decoding="async"></picture>'
        '<picture><source media="(max-width: 30em)" srcset="parabola.narrow.dark.svg" width="672" height="320">'
        '<img class="dl-dark" src="parabola.dark.svg" alt="A curve &amp; more" width="672" height="320" loading="lazy"'
        ' decoding="async"></picture>\n'
        "<figcaption><p>A parabola.</p>"
        f'<p class="dl-figure-facts"><a class="dl-badge dl-badge--exact" href="{source}"'
        ' title="Follows from a formula: no network was trained for it.">exact</a>'
        f' <a href="{source}" aria-label="source of parabola">source</a></p></figcaption>\n'
        "</figure>"
    )


def test_a_trained_picture_names_its_seed_and_its_recipe(site):
    body = site.finished('<p><img alt="A" src="../film/learnt.webp"></p>')
    assert "<span>seed 7</span>" in body
    assert '<span>trained by <a href="../../source/recipes/line/#__codelineno-0-1">line</a></span>' in body
    assert "<em>one</em>" in body and 'href="../../two/page/#why"' in body
    assert 'width="672" height="320"' in body  # a WebP holds two pixels for each CSS pixel
    assert "arithmatex" not in body and "mjx-container" in body


def test_a_picture_in_a_sentence_stays_in_it(site):
    body = site.finished(
        '<p>See <img alt="A" class="small" id="mine" title="T" width="84" src="parabola.svg#x"> here</p>'
    )
    images = list(tags(body, ("img",)))
    assert body.startswith('<p>See <img class="dl-light small"') and body.endswith("> here</p>")
    assert [one.attributes["src"] for one in images] == ["parabola.svg", "parabola.dark.svg"]
    assert all(one.attributes["title"] == "T" and one.attributes["height"] == "40" for one in images)
    assert "figcaption" not in body
    assert [one.attributes.get("id") for one in images] == ["mine", None]


def test_no_picture_is_fetched_before_it_is_shown(site):
    dots = '<img alt="B" src="dots.webp"></p>'
    body = site.finished(f'<p><img alt="A" src="parabola.svg">\n{dots}<p>{dots}')
    assert [one.attributes.get("loading") for one in tags(body, ("img",))] == ["lazy"] * 6
    assert body.count("<figure") == 3 and "<p><figure" not in body
    assert re.findall('id="([^"]*)"', body) == ["fig-parabola", "fig-dots"]


def test_an_animation_has_a_still(site):
    body = site.finished('<p><img alt="A" src="../film/film.webp"></p>')
    sources = [one.attributes for one in tags(body, ("source",))]
    assert [one["srcset"] for one in sources] == ["../film/film.still.webp", "../film/film.still.dark.webp"]
    assert {one["media"] for one in sources} == {"(prefers-reduced-motion: reduce)"}


def test_the_rest_of_a_page_keeps_every_byte(site):
    odd = (
        '<P CLASS=x>é\r\n<!-- <p><img src="parabola.svg"></p> --><script>"<img src=parabola.svg>"</script>\t'
        "<a title='a > b <img src=parabola.svg>'>&copy;&nbsp</a><textarea><img></textarea><br/>"
    )
    image = '<p><img alt="A" src="parabola.svg"></p>'
    place = site.page(f"{odd}{image}{odd}")
    before = place.read_bytes().decode()
    finish(site.project, site.folder)
    after = re.sub("<figure.*</figure>", lambda match: image, place.read_bytes().decode(), flags=re.DOTALL)
    assert re.sub("<meta http-equiv[^>]*>", "", after) == before


def test_finishing_twice_changes_nothing(site):
    formula = '<span class="arithmatex">\\(a\\)</span>'
    site.page(f'<p><img alt="A" src="parabola.svg"></p><p>and <img alt="B" src="dots.webp"> {formula}</p>')
    site.page("<script>1</script>", "index.html")
    write_index(site, r"\(x_t\)")
    finish(site.project, site.folder)
    first = site.contents()
    finish(site.project, site.folder)
    assert site.contents() == first


def test_what_no_figure_is_stays_as_it_is(site):
    (site.folder / "assets").mkdir(parents=True)
    (site.folder / "assets/logo.svg").write_text("<svg/>")
    body = '<p><img alt="A" src="../../assets/logo.svg"><img alt="B" src="https://example.org/x.png"><img alt="C" src="data:,"></p>'
    assert site.finished(body) == body


def test_a_preview_shows_pictures_that_are_yet_to_be_built(site):
    (site.project.out / "one/page/parabola.svg").unlink()
    body = site.finished('<p><img alt="A" src="parabola.svg"></p>', require_built=False)
    light, dark = tags(body, ("img",))
    assert "width" not in light.attributes and dark.attributes["width"] == "672"
    assert "Content-Security-Policy" not in (site.folder / "one/page/index.html").read_text()
    site.build("one/page/parabola.svg")
    finish(site.project, site.folder, require_built=False)
    light, dark = tags((site.folder / "one/page/index.html").read_text(), ("img",))
    assert light.attributes["width"] == "672"


@pytest.mark.parametrize(
    "content, expected",
    [
        (SVG.encode(), (672, 320)),
        (b"<svg width=\"30\" height='20px'>", (30, 20)),
        (b'<svg width="2in" height="2.54cm">', (192, 96)),
        (b'<svg viewBox="0 0 1 1">', None),
        (b'<svg width="100%" height="50%">', None),
        (webp(300, 100), (150, 50)),
        (webp(301, 99, lossless=True), (150, 50)),
        (webp(302, 20, mode="RGBA"), (151, 10)),
        (webp(302, 20, save_all=True, append_images=[Image.new("RGB", (302, 20), "red")]), (151, 10)),
        (b"RIFF\0\0\0\0WEBPVP8 ", None),
        (b"", None),
    ],
)
def test_sizes_are_read_from_the_file(content, expected):
    assert size(content) == expected


def test_built_files_are_copied_once(site):
    finish(site.project, site.folder)
    assert (site.folder / "two/page/numbers.json").is_file()
    assert (site.folder / "one/page/parabola.dark.svg").read_text() == SVG.format("one/page/parabola.dark.svg")
    assert not (site.folder / "one/film/table.md").exists()
    (site.project.out / "one/page/gone.svg").write_text("of a figure that was deleted")
    finish(site.project, site.folder)
    assert not (site.folder / "one/page/gone.svg").exists()


# Faults


def test_every_fault_is_told_at_once_with_its_place(site):
    body = "![A](page/parabola.svg) ![D](page/dots.webp)\n\n![](page/dots.webp) $a$\n\n$$\n\\oops{x}\n$$\n"
    site.desk.write("docs/one/page.md", f"---\ntitle: T\n---\n\n{body}")
    site.desk.edit("src/figures/one/film.py", "*one* network", r"$\\nope$ network")
    (site.project.out / "one/page/parabola.svg").unlink()
    page = site.page(
        '<p><img alt="A" src="parabola.svg"></p><p><img alt="" src="dots.webp"></p><p><img src="../film/learnt.webp" alt="L"></p>'
        '<div class="arithmatex">\\[\n\\oops{x}\n\\]</div>'
    )
    site.page('<p><img src="one/page/parbola.svg" alt="A"> <img src="gone.png" alt="G"></p>', "index.html")
    before = page.read_bytes()
    faults = site.faults()
    assert faults[:4] == [
        "site/index.html: there is no figure one/page/parbola.svg; did you mean one/page/parabola.svg?",
        "site/index.html: there is no file gone.png",
        "docs/one/page.md:5: one/page/parabola is not built; run `press build`",
        "docs/one/page.md:7: the image dots.webp has no alternative text; say what it shows to somebody who cannot see it",
    ]
    line = site.catalog["one/film/learnt"].line + 1
    formulas = sorted(faults[4:])
    assert len(formulas) == 2
    assert formulas[0].startswith("docs/one/page.md:10: ") and r"\oops" in formulas[0]
    assert formulas[1].startswith(f"src/figures/one/film.py:{line}: ") and r"\nope" in formulas[1]
    assert page.read_bytes() == before


def test_a_figure_that_was_renamed_is_missed_even_if_its_file_lies_about(site):
    (site.folder / "one/page").mkdir(parents=True)
    (site.folder / "one/page/old_name.svg").write_text("<svg/>")
    site.page('<p><img alt="A" src="old_name.svg"></p>')
    (fault,) = site.faults()
    assert fault.startswith("site/one/page/index.html: there is no figure old_name.svg; known: dots.webp, parabola.svg")


# Search


def write_index(site: Site, text: str, title: str = "T") -> Path:
    file = site.folder / "search/search_index.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"config": {"lang": ["en"]}, "docs": [{"location": "", "title": title, "text": text}]}))
    return file


def test_the_index_holds_formulas_as_a_reader_would_type_them(site):
    text = r'<p>if \(\sigma_t &lt; 1\) or</p> \[\alpha\] <code>re.sub("\(a\)")</code>'
    file = write_index(site, text, r"On \(\beta\)")
    finish(site.project, site.folder)
    (doc,) = json.loads(file.read_text())["docs"]
    assert doc["title"] == "On β"
    assert "σ" in doc["text"] and "&lt; 1" in doc["text"] and "α" in doc["text"]
    assert doc["text"].count("\\") == 2 and 're.sub("\\(a\\)")' in doc["text"]


def test_an_index_without_formulas_is_left_alone(site):
    file = write_index(site, "plain")
    before = file.read_bytes()
    finish(site.project, site.folder)
    assert file.read_bytes() == before


# Policy


def sha(script: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_the_policy_names_each_inline_script_and_nothing_more():
    one = '<script>a</script><script src="b.js">c</script><script type="application/json">{"d": 1}</script>'
    two = "<SCRIPT>\r\ne\r\n</SCRIPT><!-- <script>f</script> --><style>g</style>"
    words = policy([one, two])
    directives = dict(part.strip().partition(" ")[::2] for part in words.split(";"))
    assert set(directives["script-src"].split()) == {"'self'", sha("a"), sha("\ne\n")}
    assert set(directives["style-src"].split()) == {"'self'", sha("g")}
    assert directives["default-src"] == "'none'" and "unsafe-inline" not in directives["script-src"]


@pytest.mark.parametrize(
    "head, expected",
    [
        ('<head><meta charset="utf-8"><title>', '<head><meta charset="utf-8">{}<title>'),
        ("<head lang=en>\n<title>", "<head lang=en>{}\n<title>"),
        ("<header><p>", "<header><p>"),
    ],
)
def test_the_policy_comes_before_all_it_governs(head, expected):
    meta = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    once = guarded(head, "default-src 'none'")
    assert once == expected.format(meta)
    assert guarded(once, "x").count("Content-Security-Policy") == head.count("<head>") + head.count("<head ")


# HTML and addresses


def test_edits_apply_from_left_to_right_whatever_their_order():
    assert edited("abcdef", [(4, 5, "E"), (0, 1, ""), (2, 2, "-")]) == "b-cdEf"


def test_a_tag_is_read_back_as_it_was_written():
    attributes = {"class": "a b", "alt": 'say "x" < y & z', "hidden": None, "data-n": ""}
    (read,) = tags(tag("img", attributes), ("img",))
    assert read.attributes == attributes and read.classes == ["a", "b"]


@pytest.mark.parametrize(
    "folder, href, expected",
    [
        ("a/b", "x.svg", "a/b/x.svg"),
        ("a/b", "../c/x%20y.svg?v=1#f", "a/c/x y.svg"),
        ("", "./x.svg", "x.svg"),
        ("a", "../../x.svg", None),
        ("", "../x.svg", None),
        ("a", "/x.svg", None),
        ("a", "//host/x.svg", None),
        ("a", "https://host/x.svg", None),
        ("a", "data:,x", None),
        ("a", "#x", None),
    ],
)
def test_addresses_resolve_within_the_site(folder, href, expected):
    assert resolve(folder, href) == expected


def test_links_are_relative_and_lead_back():
    for folder in ("", "a", "a/b", "c/d/e"):
        assert resolve(folder, link(folder, "a/b/x y.svg")) == "a/b/x y.svg"
    assert link("a/b", "source/c/#l-1") == "../../source/c/#l-1"
    assert link("a/b", "a/b/") == "./"
    assert link("a/b", "#x") == "../../#x" and link("", "") == "./"


def test_a_page_knows_its_markdown(desk):
    for name in ("index.md", "a/b.md", "c/index.md", "d/README.md"):
        desk.write(f"docs/{name}", "x")
        page = f"{url(name)}index.html"
        assert desk.project.relative(markdown(desk.project, page)) == f"docs/{name}"
    assert markdown(desk.project, "a/b.html") == desk.project.docs / "a/b.md"
    assert markdown(desk.project, "404.html") is None


# A real site, in a real browser


PREFIX = "/some/where/"
CONFIG = f"""
    site_name: S
    site_url: http://127.0.0.1{PREFIX}
    theme: {{name: material, font: false, features: [navigation.instant], palette: {{scheme: slate}}}}
    plugins: [search]
    markdown_extensions:
      - pymdownx.arithmatex: {{generic: true}}
      - pymdownx.highlight: {{anchor_linenums: true}}
      - pymdownx.superfences
    """
HOME = "# Home\n\nTo [the page](one/page.md).\n\n![A parabola](one/page/parabola.svg)\n"
DEEP = """
    # Deep

    <script>window.deep = true</script>

    Say $x_t = \\sigma_t$.

    ![A parabola](page/parabola.svg)

    Back [home](../index.md).
    """


@pytest.fixture
def rendered(site) -> Site:
    """A Material site, as MkDocs leaves it."""
    site.desk.write("docs/index.md", HOME)
    site.desk.write("docs/one/page.md", DEEP)
    config = load_config(str(site.desk.write("mkdocs.yml", CONFIG)))
    site.folder = Path(config.site_dir)

    def add(files, config):
        for path in site.catalog.by_output():
            if not path.endswith(".md"):
                files.append(File.generated(config, path, abs_src_path=str(site.project.out / path)))
        for path, text in source_pages(site.project).items():
            files.append(File.generated(config, path, content=text, inclusion=InclusionLevel.NOT_IN_NAV))
        return files

    config.plugins.events["files"].append(add)
    mkdocs_build(config)
    return site


def test_tags_are_found_where_the_standard_parser_finds_them(rendered):
    text = (rendered.folder / "one/page/index.html").read_text("utf-8")
    found = []

    class Parser(HTMLParser):
        def handle_starttag(self, name, attributes):
            line, column = self.getpos()
            start = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column
            found.append((name, start, dict(reversed(attributes))))

        handle_startendtag = handle_starttag

    Parser().feed(text)
    names = {name for name, *_ in found}
    assert len(found) > 100
    assert [(one.name, one.start, one.attributes) for one in tags(text, names)] == found


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(rendered, browser):
    """The home page of the finished site in a browser, and what the browser complained of."""
    finish(rendered.project, rendered.folder)
    with serve(rendered.folder, PREFIX) as origin:
        sitemap = rendered.folder / "sitemap.xml"  # instant navigation keeps to the pages named there, port included
        sitemap.write_text(sitemap.read_text().replace(f"http://127.0.0.1{PREFIX}", origin))
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: message.type in ("error", "warning") and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda response: response.status >= 400 and complaints.append(response.url))
        page.goto(origin, wait_until="networkidle")
        yield page, complaints
        page.close()


def test_the_policy_lets_the_site_run_under_a_sub_path(tab):
    page, complaints = tab
    assert page.evaluate("typeof __md_scope") == "object"  # Material's first inline script ran
    page.evaluate("window.still = true")
    page.click("article a >> text=the page")  # to another depth
    page.wait_for_selector("h1:has-text('Deep')")
    assert page.evaluate("window.still")  # by instant navigation
    assert page.evaluate("window.deep")  # the script of the second page ran under the policy of the first
    page.wait_for_function("[...document.images].every(one => one.naturalWidth > 0 || one.loading == 'lazy')")
    assert page.locator("figure#fig-parabola figcaption").count() == 1
    assert page.evaluate("document.querySelector('mjx-container').getBoundingClientRect().width") > 10
    page.click("figure a >> text=source")
    page.wait_for_selector("h1:has-text('figures/one/page.py')")
    anchor = page.evaluate("location.hash.slice(1)")
    row = page.locator(f"[id='{anchor}']").evaluate("one => one.closest('span, div').textContent")
    assert "def parabola" in row
    page.click(".md-search__input")
    page.keyboard.type("deep")
    page.wait_for_selector(".md-search-result__link", state="attached")
    assert complaints == []


def test_the_policy_stops_a_script_that_is_not_the_sites(tab):
    page, complaints = tab
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.injected = true";
            document.head.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src='data:,' alt='' onerror='window.injected = true'>");
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.injected") is None
    assert len(complaints) >= 2 and all("Content Security Policy" in one for one in complaints)


BLOCK = '<div class="language-python{} highlight"><pre><code><a id="__codelineno-{}-1"></a>x</code></pre></div>\n'


def test_a_block_that_continues_another_says_so_and_points_to_it():
    output = '<div class="language-output highlight"><pre><code><a id="__codelineno-1-1"></a>1</code></pre></div>\n'
    page = BLOCK.format("", 0) + output + BLOCK.format(" continues", 2) + BLOCK.format(" continues", 3)
    done = joined(page)
    notes = re.findall(
        r'<span class="filename dl-continues"><a href="#(.*?)">continues the block above</a></span>', done
    )
    assert notes == ["__codelineno-0-1", "__codelineno-2-1"]
    assert done.startswith(BLOCK.format("", 0)), "the first block says nothing"
    assert joined(done) == done

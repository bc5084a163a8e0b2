"""The ladder: what a page shows of it, what is wrong with it, and that the plan and the pages of the site agree."""

import re
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath

import pytest

from lesson.dress import chart, dress, footer, header
from lesson.front import RUNGS, read
from lesson.ladder import Ladder, faults, nav
from lesson.plan import read as read_plan
from press.catalog import Catalog
from press.finish import finish
from press.pages import lint
from press.project import Project

ROOT = Path(__file__).parents[2]
PLAN = """\
[pages]
B1 = { path = "beginner/snow", title = "Snow & ice" }
B2 = { path = "beginner/steps", title = "Steps" }
I1 = { path = "intermediate/forward", title = "The forward process" }
I2 = { path = "intermediate/schedules", title = "Schedules" }
A1 = { path = "advanced/deep/jump", title = "The jump" }
A2 = { path = "advanced/loss", title = "The loss" }

[concepts]
"process" = ["B1", "I1", "A1"]
"schedule" = ["B2", "I2", "A1", "A2"]
"loss" = ["A2"]
"""
SHELL = """\
<nav><h1>not this</h1></nav>
<article class="x">
<h1 id="t">T<a>¶</a></h1>
<p>Text.</p>
</article>
<footer></footer>
"""


class Docs:
    """A folder of pages with a plan and a menu."""

    def __init__(self, root: Path):
        self.docs, self.config = root / "docs", root / "mkdocs.yml"
        self.write("shelf/concepts.toml", PLAN)
        self.write("index.md", "---\nhide: [toc]\n---\n# Home\n")
        self.menu: list[str] = []

    def write(self, name: str, text: str) -> Path:
        place = self.docs / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return place

    def page(self, uri: str, concepts: str, needs: str = "", title: str | None = None, listed: bool = True) -> None:
        matter = f"tier: {uri.partition('/')[0]}\nconcepts: [{concepts}]\nneeds: [{needs}]\nminutes: 8\n"
        matter += f"title: {title}\n" if title else ""
        self.write(uri, f"---\n{matter}---\n\n# {Path(uri).stem.capitalize()}\n")
        self.menu += [uri] if listed else []

    def ladder(self) -> Ladder:
        lines = ["site_url: !ENV [SITE_URL, x]", "ext: !!python/name:a.b", "nav:", "  - Home: index.md", "  - Pages:"]
        self.config.write_text("\n".join([*lines, *(f"      - {one}" for one in self.menu)]), "utf-8")
        return Ladder.read(self.docs, self.config)

    def said(self) -> list[str]:
        """Every fault, `FILE:LINE: message`."""
        found = self.ladder().faults
        assert found == faults(self.docs, self.config)
        return [f"{one.file.relative_to(self.docs).as_posix()}:{one.line}: {one.message}" for one in found]


@pytest.fixture
def docs(tmp_path) -> Docs:
    return Docs(tmp_path)


@pytest.fixture
def three(docs) -> Docs:
    """One page of each of three rungs stands."""
    docs.page("beginner/steps.md", "schedule", "process")
    docs.page("intermediate/schedules.md", "schedule", "process", title='"Schedules <1>"')
    docs.page("advanced/deep/jump.md", "process, schedule", "schedule")
    return docs


class Text(HTMLParser):
    """What is read aloud, links, and whether every tag is closed."""

    def __init__(self, html: str):
        super().__init__()
        self.words, self.links, self.open, self.mute = [], [], [], 0
        self.feed(html)
        assert not self.open

    def handle_starttag(self, name, attributes):
        attributes = dict(attributes)
        self.open.append((name, "aria-hidden" in attributes))
        self.mute += "aria-hidden" in attributes
        self.links += [attributes["href"]] if "href" in attributes else []

    def handle_endtag(self, name):
        opened, mute = self.open.pop()
        assert opened == name
        self.mute -= mute

    def handle_data(self, data):
        self.words += [] if self.mute or not data.strip() else [data.strip()]


def heard(html: str) -> list[str]:
    return Text(html).words


# What is wrong


def test_a_sound_ladder_has_no_faults(three):
    three.write("shelf/myths.md", "# Myths\n")
    three.write(".drafts/beginner.md", "---\ntier: nonsense\n---\n")
    assert three.said() == []


def test_every_page_of_a_rung_is_a_lesson_and_no_other_is(docs):
    docs.write("beginner/notes.md", "# Notes\n")
    docs.write("shelf/myths.md", "---\ntier: beginner\nconcepts: []\nneeds: []\nminutes: 3\n---\n")
    docs.menu += ["beginner/notes.md", "shelf/myths.md"]
    assert docs.said() == [
        "beginner/notes.md:1: this page has no front matter; say what it teaches, as in"
        " `tier: beginner, concepts: [noise schedule], needs: [], minutes: 8`",
        "shelf/myths.md:2: the tier is beginner, but the page stands in no folder of a rung; change one of them",
    ]


def test_a_need_that_nobody_teaches(docs):
    docs.page("intermediate/forward.md", "process", "schedule, loss")
    assert docs.said() == [
        "intermediate/forward.md:4: no other page of the rung intermediate or below teaches 'loss';"
        " only above it: The loss"
    ]


def test_a_page_does_not_teach_what_it_needs(docs):
    docs.page("advanced/loss.md", "schedule, loss", "loss")
    assert docs.said() == [
        "advanced/loss.md:4: no other page of the rung advanced or below teaches 'loss';"
        " leave it out, or plan a page that teaches it"
    ]


def test_a_circle_is_named(docs):
    docs.page("beginner/snow.md", "process", "schedule")
    docs.page("beginner/steps.md", "schedule", "process")
    docs.page("intermediate/forward.md", "process", "schedule")
    assert docs.said() == [
        "beginner/snow.md:4: these pages need one another, so that nobody could begin:"
        " beginner/snow.md → beginner/steps.md → beginner/snow.md; take one need away"
    ]


def test_pages_of_one_rung_may_need_one_another_s_concepts_if_a_lower_rung_teaches_one(docs):
    docs.page("intermediate/forward.md", "process", "schedule")
    docs.page("intermediate/schedules.md", "schedule", "process")
    assert docs.said() == []


def test_a_page_without_a_place_in_the_nav(docs):
    docs.page("beginner/snow.md", "process", listed=False)
    message = "this page has no place in the nav of mkdocs.yml; add `- Snow: beginner/snow.md` there"
    assert docs.said() == [f"beginner/snow.md:1: {message}"]
    docs.config.write_text("site_name: All pages have a place by themselves\n")
    assert faults(docs.docs, docs.config) == []


def test_a_page_and_the_plan_disagree(docs):
    docs.page("intermediate/schedules.md", "schedule, process")
    docs.page("beginner/snow.md", "")
    assert docs.said() == [
        "beginner/snow.md:3: shelf/concepts.toml has this page teach process; make the two agree",
        "intermediate/schedules.md:3: shelf/concepts.toml has this page teach schedule; make the two agree",
    ]


def test_a_fault_of_the_front_matter_is_told_once(docs):
    docs.page("intermediate/schedules.md", "shedule", "process")
    docs.page("beginner/steps.md", "schedule")
    docs.write("beginner/snow.md", "---\ntier: beginner\nconcepts: process\nneeds: []\nminutes: 0\n---\n# Snow\n")
    docs.menu.append("beginner/snow.md")
    assert docs.said() == [
        "beginner/snow.md:3: concepts must be a list of concepts, such as `concepts: [noise schedule]`",
        "beginner/snow.md:5: minutes must be a whole number above nought, not 0",
        "intermediate/schedules.md:3: there is no concept 'shedule'; did you mean 'schedule'?",
    ]
    snow = docs.ladder().page("beginner/snow.md")
    assert snow.concepts == ("process",) and "min read" not in header(docs.ladder(), snow)


@pytest.mark.parametrize(
    "old, new, line, message",
    [
        (
            '"I2", "A1"',
            '"I3", "A1"',
            11,
            "'schedule' names 'I3', which is not under [pages]; known: A1, A2, B1, B2, I1, I2",
        ),
        ("beginner/steps", "beginner/snow", 3, "B2 has the path of B1"),
        ("beginner/steps", "basement/steps", 3, 'B2 must be { path = "rung/page", title = "…" }, its rung one of'),
        (', title = "The loss"', "", 7, 'A2 must be { path = "rung/page", title = "…" }, its rung one of'),
        ("[concepts]", "[concepts", 9, "this is not TOML: "),
        ('["A2"]', '"A2"', 12, "'loss' must be a list of pages"),
        (
            "[concepts]",
            "[routes]\n[concepts]",
            9,
            "the plan holds the tables [pages] and [concepts]; routes is unknown",
        ),
        (
            "[concepts]",
            "[routes.x]\n[concepts]",
            1,
            "the plan holds the tables [pages] and [concepts]; routes is unknown",
        ),
    ],
)
def test_a_fault_of_the_plan(docs, old, new, line, message):
    assert PLAN.count(old) == 1
    docs.write("shelf/concepts.toml", PLAN.replace(old, new))
    (fault,) = docs.said()
    assert fault.startswith(f"shelf/concepts.toml:{line}: {message}")


def test_without_a_plan_no_page_may_have_a_tier(three):
    three.write("beginner/notes.md", "# Notes\n")
    (three.docs / "shelf/concepts.toml").unlink()
    message = "there is no shelf/concepts.toml to say which concepts there are; write one, or leave the tier out"
    pages = ("advanced/deep/jump.md", "beginner/steps.md", "intermediate/schedules.md")
    assert three.said() == [f"{page}:2: {message}" for page in pages]
    assert dress("beginner/steps.md", SHELL, three.ladder()) == SHELL


def test_the_nav_is_read_in_order_whatever_tags_stand_around_it(tmp_path):
    config = tmp_path / "mkdocs.yml"
    config.write_text(
        "a: !ENV [B, c]\nnav:\n  - index.md\n  - One: one.md\n  - Two:\n      - two/a.md\n      - B: two/b.md\n"
    )
    assert nav(config) == ["index.md", "one.md", "two/a.md", "two/b.md"]
    assert nav(tmp_path / "none.yml") is None


# What a page shows


def test_the_header(three):
    ladder = three.ladder()
    html = header(ladder, ladder.page("intermediate/schedules.md"))
    place = ["Intermediate", ", the second of four rungs", "8 min read"]
    assert heard(html) == [*place, "Read first", "The forward process (to come)"]
    assert [*re.findall(r'<i( class="dl-here")?></i>', html)] == ["", "", ' class="dl-here"', ""]
    three.page("beginner/snow.md", "process", title="Snow & rain")
    ladder = three.ladder()
    html = header(ladder, ladder.page("intermediate/schedules.md"))
    assert heard(html)[3:] == ["Read first", "Snow & rain", "The forward process (to come)"]
    assert Text(html).links == ["../../beginner/snow/"] and "Snow &amp; rain" in html


def test_what_to_read_first_comes_before_the_page_and_from_the_nearest_rung(three):
    three.page("intermediate/forward.md", "process")
    ladder = three.ladder()

    def first(uri: str) -> list[str]:
        return [page.uri for page in ladder.first(ladder.page(uri))]

    assert first("intermediate/schedules.md") == ["intermediate/forward.md"]
    assert first("advanced/deep/jump.md") == ["intermediate/schedules.md"]  # not the page after it on its own rung
    assert first("beginner/steps.md") == ["beginner/snow.md"]
    assert "Read first" not in header(ladder, ladder.page("intermediate/forward.md"))


def test_the_footer(three):
    ladder = three.ladder()
    html = footer(ladder, ladder.page("intermediate/schedules.md"))
    assert heard(html) == ["schedule", "Simpler", "Steps", "Deeper", "Jump", "The loss (to come)"]
    assert Text(html).links == ["../../beginner/steps/", "../../advanced/deep/jump/"]
    assert '<nav class="dl-ways" aria-label="Simpler and deeper">' in html
    html = footer(ladder, ladder.page("advanced/deep/jump.md"))
    assert heard(html) == [
        "process",
        "Simpler",
        "The forward process (to come)",
        "schedule",
        "Simpler",
        "Schedules <1>",
    ]
    assert Text(html).links == ["../../../intermediate/schedules/"]
    assert heard(footer(ladder, ladder.page("beginner/steps.md"))) == ["schedule", "Deeper", "Schedules <1>"]


def test_a_rung_where_nobody_teaches_a_concept_is_passed_over(docs):
    docs.write("shelf/concepts.toml", PLAN.replace('["B2", "I2", "A1", "A2"]', '["B2", "A2"]'))
    docs.page("beginner/steps.md", "schedule")
    ladder = docs.ladder()
    assert heard(footer(ladder, ladder.page("beginner/steps.md"))) == ["schedule", "Deeper", "The loss (to come)"]


def test_a_page_that_teaches_no_concept_has_no_footer(docs):
    docs.page("beginner/index.md", "")
    ladder = docs.ladder()
    assert docs.said() == [] and footer(ladder, ladder.page("beginner/index.md")) == ""
    html = dress("beginner/index.md", SHELL, ladder)
    assert "Beginner" in html and dress("beginner/index.md", html, ladder) == html


def test_the_map(three):
    html = chart(three.ladder(), "index.md")
    rows = [[heard(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in html.split("<tr")[1:]]
    assert rows == [
        [["Concept"], ["Beginner"], ["Intermediate"], ["Advanced"], ["Frontier"]],
        [["process"], ["Snow & ice"], ["The forward process"], ["Jump"], []],
        [["schedule"], ["Steps"], ["Schedules <1>"], ["Jump", "The loss"], []],
        [["loss"], [], [], ["The loss"], []],
    ]
    assert Text(html).links == [
        "advanced/deep/jump/", "beginner/steps/", "intermediate/schedules/", "advanced/deep/jump/",
    ]  # fmt: skip
    assert html.count('scope="col"') == 5 and html.count('scope="row"') == 3 and "<caption>" in html
    assert '<li class="dl-coming">The loss</li>' in html
    assert re.findall(r'data-rung="(\w+)"', html) == [rung.capitalize() for rung in RUNGS] * 3


def test_a_lesson_is_dressed_after_its_title_and_at_its_end(three):
    ladder = three.ladder()
    html = dress("intermediate/schedules.md", SHELL, ladder)
    page = ladder.page("intermediate/schedules.md")
    assert f"<a>¶</a></h1>\n{header(ladder, page)}\n<p>Text.</p>\n{footer(ladder, page)}</article>\n<footer>" in html
    assert html.startswith('<nav><h1>not this</h1></nav>\n<article class="x">')


def test_home_gets_the_map(three):
    before = '<article><h1>Home</h1><div id="dl-map"></div><div>Text</div></article>'
    ladder = three.ladder()
    html = dress("index.md", before, ladder)
    assert html == f'<article><h1>Home</h1><div id="dl-map">{chart(ladder, "index.md")}</div><div>Text</div></article>'
    assert dress("index.md", html, ladder) == html


def test_other_pages_are_left_alone(three):
    for uri in ("index.md", "shelf/myths.md", "beginner/snow.md", "source/index.md"):
        assert dress(uri, SHELL, three.ladder()) == SHELL


@pytest.mark.parametrize("uri", ["beginner/steps.md", "intermediate/schedules.md", "advanced/deep/jump.md"])
def test_dressing_again_changes_nothing(three, uri):
    ladder = three.ladder()
    once = dress(uri, SHELL, ladder)
    assert once != SHELL and dress(uri, once, ladder) == once


def test_dressing_again_follows_the_ladder(three):
    before = dress("intermediate/schedules.md", SHELL, three.ladder())
    three.page("advanced/loss.md", "schedule, loss")
    after = dress("intermediate/schedules.md", before, three.ladder())
    assert after == dress("intermediate/schedules.md", SHELL, three.ladder()) != before


def test_links_are_relative_from_every_depth(three):
    three.page("beginner/index.md", "schedule", "process")  # at depth 1
    three.page("beginner/snow.md", "process")
    ladder = three.ladder()
    places = {uri: f"{uri[:-3]}/" for uri in ("beginner/steps.md", "advanced/deep/jump.md")}
    places |= {"index.md": "", "beginner/index.md": "beginner/"}
    standing = {page.uri.removesuffix(".md").removesuffix("/index") + "/" for page in ladder.pages if page.stands}
    for uri, place in places.items():
        shell = SHELL.replace("<p>", '<div id="dl-map"></div><p>')
        links = Text(dress(uri, shell, ladder)).links
        assert links and not any(link.startswith("/") or "://" in link for link in links)
        assert {normpath(f"/x/{place}{link}").removeprefix("/x/") + "/" for link in links} <= standing


def test_the_press_tells_the_faults_and_dresses_the_pages(three, tmp_path):
    three.page("beginner/snow.md", "process", "cheese")
    three.ladder()
    project = Project(tmp_path)
    project.figures.mkdir(parents=True)
    errors = [str(error) for error in lint(project, Catalog.scan(project))]
    assert errors == [f"{three.docs}/beginner/snow.md:4: there is no concept 'cheese'; known: loss, process, schedule"]
    places = [tmp_path / "site" / name / "index.html" for name in ("", "beginner/snow", "shelf")]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(SHELL.replace("<p>", '<div id="dl-map"></div><p>'), "utf-8")
    finish(project, tmp_path / "site", require_built=False)  # a fault does not stop a preview
    first = [place.read_bytes() for place in places]
    assert b"<table" in first[0] and b"8 min read" in first[1] and b"<table" not in first[1] + first[2]
    finish(project, tmp_path / "site", require_built=False)
    assert [place.read_bytes() for place in places] == first


# The site's own ladder


@pytest.fixture(scope="module")
def own() -> Ladder:
    return Ladder.read(ROOT / "docs", ROOT / "mkdocs.yml")


def test_the_site_s_own_ladder_has_no_faults(own):
    assert own.faults == []


def test_every_concept_is_taught_on_every_rung(own):
    assert len(own.concepts) == 12
    assert [(name, rung) for name in own.concepts for rung in range(4) if not own.teach(name, rung)] == []


def test_the_plan_holds_every_page_of_the_curriculum():
    pages = read_plan(ROOT / "docs/shelf/concepts.toml").pages
    count = {rung: sum(page.uri.startswith(f"{rung}/") for page in pages) for rung in RUNGS}
    assert count == {"beginner": 8, "intermediate": 10, "advanced": 15, "frontier": 21}


def test_a_standing_page_teaches_what_the_plan_says(own):
    planned = {page.uri: page for page in read_plan(ROOT / "docs/shelf/concepts.toml").pages}
    standing = [page for page in own.pages if page.stands and page.uri in planned]
    assert len(standing) >= 3
    for page in standing:
        assert {*read(ROOT / "docs" / page.uri).names("concepts")} == {*planned[page.uri].concepts}, page.uri
        assert page.title == planned[page.uri].title, page.uri

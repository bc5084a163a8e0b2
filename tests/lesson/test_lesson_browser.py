"""Lesson blocks in Chromium: by keyboard and by pointer, right and wrong, heard, without a script, on paper, for axe.

The page is built by MkDocs with the site's theme and style sheets, and guarded by the site's own policy.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect, sync_playwright

sys.path.append(str(Path(__file__).parents[1] / "site"))
import checks
from browser import launch
from serve import serve

from figures.assets import palette
from press.finish.policy import guarded, policy

ROOT = Path(__file__).parents[2]
PREFIX, PUBLIC = "/diffusion-ladder/", "https://example.org/diffusion-ladder/"
CONFIG = """
    site_name: Blocks
    site_url: https://example.org/diffusion-ladder/
    site_description: Blocks, tried.
    theme:
      name: material
      custom_dir: overrides
      favicon: assets/favicon.svg
      font: false
      icon: {logo: ladder}
      palette:
        - {scheme: default, media: "(prefers-color-scheme: light)", primary: custom, accent: custom,
           toggle: {icon: material/weather-night, name: Dark}}
        - {scheme: slate, media: "(prefers-color-scheme: dark)", primary: custom, accent: custom,
           toggle: {icon: material/weather-sunny, name: Light}}
      features: [navigation.instant, navigation.footer, navigation.tabs]
    extra_css: [assets/palette.css, assets/site.css, assets/lesson.css]
    extra_javascript: [assets/lesson.js]
    nav: [{Home: index.md}, {Blocks: blocks.md}, {Proof: proof.md}]
    exclude_docs: "*.toml"
    markdown_extensions:
      - admonition
      - attr_list
      - pymdownx.details
      - pymdownx.highlight: {pygments_lang_class: true}
      - pymdownx.superfences
      - pymdownx.tabbed: {alternate_style: true}
      - lesson.extension: {data: docs/shelf, values: values}
"""
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="90" height="90"><circle cx="4" cy="4" r="{}"/></svg>'
PAGE = """
# Blocks

/// quiz | How much is left?
    id: one

- ( ) Little, which is what somebody would say who has not looked at the figure above and takes one thing for another
    - *takes less for more*: it is more.
- (x) Much
    - So it *is*.
- ( ) All
    - *forgets the loss*: some is lost.
///

/// quiz | Which hold?
    id: many

- [x] The first
    - It holds.
- [ ] The second
    - *holds the second*: it does not.
- [x] The third
    - It holds too.
///

/// quiz | In which order?
    id: order

1. One
    - First.
2. Two
    - Second.
3. Three
    - Third.
///

/// quiz | Which picture is full?
    id: picture

- ( ) ![A small disc](assets/small.svg)
    - *takes small for full*: it is small.
- (x) ![A large disc](assets/large.svg)
    - It is full.
///

/// quiz | How many?
    id: number
    answer: -0.25
    tolerance: 0.01
    unit: dB

- 4: *turns it round*: one over it.
- 25: *takes the share in hundredths*: divide by a hundred.

A quarter, and down.
///

/// quiz | What goes into the gap?
    id: fill

```{.python data-gap="a + 1 | 1 + a"}
print(____ if a else 0)
```

- `a`: *forgets the one*: add it.

Add one.
///

Between.

/// proof | One is one
    id: same
    test: tests/proofs/test_same.py

1. Write it down.
    Because: it is so.
2. Read it again.
    Because: it is there.
    In words: one is one.
3. So it is.
    Because: we saw it.
///

/// myth | wrong
///

=== "Tab"

    /// quiz | In a tab?
        id: tab

    - (x) Yes
        - It is.
    - ( ) No
        - *looks elsewhere*: here.
    ///

??? question "Folded"

    Folded words.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("blocks")
    shutil.copytree(ROOT / "overrides", root / "overrides")
    shutil.copytree(ROOT / "docs/assets", root / "docs/assets")
    files = {
        "mkdocs.yml": yaml.safe_dump(yaml.safe_load(CONFIG)),
        "docs/index.md": "# Home\n\n[All](blocks.md), [the third step](blocks.md#proof-same-3).\n",
        "docs/blocks.md": PAGE,
        "docs/proof.md": f"# Proof\n\n{PAGE[PAGE.index('/// proof') : PAGE.index('/// myth')]}\nAfter.\n\n{PAGE[9:]}".replace(
            "id: same", "id: first", 1
        ),
        "docs/assets/palette.css": palette(),
        "docs/assets/small.svg": SQUARE.format(1),
        "docs/assets/large.svg": SQUARE.format(4),
        "docs/shelf/myths.toml": '[wrong]\nsaid = "One is two."\nholds = "It is one."\npage = "blocks"\n',
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", "site"]
    subprocess.run(command, cwd=root, check=True, env={"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT / "src")})
    pages = {file: file.read_text("utf-8") for file in (root / "site").rglob("*.html")}
    for file, text in pages.items():
        file.write_text(guarded(text, policy(pages.values())), "utf-8")
    return root / "site"


@pytest.fixture(scope="module")
def url(folder):
    with serve(folder, PREFIX, PUBLIC) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, url):
    """Opens pages; afterwards nothing may have been said in the console, nor refused."""
    seen, contexts = checks.Visit(url, url), []

    def open_page(path="blocks/", **settings):
        contexts.append(
            browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **settings)
        )
        page = checks.watch(contexts[-1], seen)
        page.set_default_timeout(5000)
        page.goto(url + path)
        return page

    yield open_page
    policy_said = contexts[-1].pages[0].evaluate("globalThis.__policy ?? []") if contexts else []
    for context in contexts:
        context.close()
    assert seen.console == seen.failed == seen.strangers == policy_said == []


def said(page, quiz: str) -> str:
    """What a quiz says, in the region that a screen reader speaks."""
    region = page.locator(f"#quiz-{quiz} .dl-quiz-feedback")
    expect(region).to_have_attribute("aria-live", "polite")
    return " ".join(region.inner_text().split())


def check(page, quiz: str) -> str:
    page.locator(f"#quiz-{quiz}").get_by_role("button", name="Check").click()
    return said(page, quiz)


def test_a_choice_by_pointer(opened):
    page = opened()
    quiz = page.get_by_role("group", name="How much is left?")
    assert check(page, "one") == "Choose an answer, then check."
    quiz.get_by_text("Little, which").click()
    assert said(page, "one") == ""
    assert check(page, "one") == "No. Takes less for more: it is more."
    expect(page.locator("#quiz-one")).to_have_attribute("data-state", "wrong")
    quiz.get_by_label("Much").check()
    assert said(page, "one") == ""
    assert check(page, "one") == "Right. So it is."
    expect(page.locator("#quiz-one")).to_have_attribute("data-state", "right")
    assert page.locator("#quiz-one [data-mark]").count() == 1


def test_a_choice_by_keyboard(opened):
    page = opened()
    page.locator("#quiz-one input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert said(page, "one") == "No. Takes less for more: it is more."
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Enter")
    assert said(page, "one") == "Right. So it is."
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#quiz-one .dl-quiz-verdicts")).to_be_visible()


def test_several_choices(opened):
    page = opened()
    quiz = page.get_by_role("group", name="Which hold?")
    assert check(page, "many") == "Tick those that hold, then check."
    quiz.get_by_label("The first").check()
    quiz.get_by_label("The second").check()
    told = check(page, "many")
    assert "The first Right. It holds. The second No. Holds the second: it does not. At least one more holds." in told
    expect(page.locator("#quiz-many")).to_have_attribute("data-state", "wrong")
    quiz.get_by_label("The second").uncheck()
    assert "At least one more holds." in check(page, "many")
    expect(page.locator("#quiz-many")).to_have_attribute("data-state", "wrong")
    quiz.get_by_label("The third").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert "It holds too." in said(page, "many") and "more holds" not in said(page, "many")
    expect(page.locator("#quiz-many")).to_have_attribute("data-state", "right")


def order(page) -> list[str]:
    return page.locator("#quiz-order .dl-quiz-choices .dl-quiz-text").all_inner_texts()


def test_an_order_by_keyboard(opened):
    page = opened()
    assert sorted(order(page)) == ["One", "Three", "Two"] and order(page) != ["One", "Two", "Three"]
    assert check(page, "order").startswith("No. ")
    for name, place in (("One", 0), ("Two", 1)):
        button = page.get_by_role("button", name=f"Move up: {name}", exact=True)
        button.focus()
        for _ in range(3):
            if order(page).index(name) == place:
                break
            page.keyboard.press("Enter")
            assert said(page, "order") == f"{name}: now {order(page).index(name) + 1} of 3."
            assert page.evaluate("document.activeElement.ariaLabel") == f"Move up: {name}"
    assert order(page) == ["One", "Two", "Three"]
    expect(page.get_by_role("button", name="Move up: One")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Move up: One").press("Enter")
    assert order(page) == ["One", "Two", "Three"]
    told = check(page, "order")
    assert told.startswith("Right.") and "One: First." in told and "Three: Third." in told


def test_an_order_by_pointer(opened):
    page = opened()
    while order(page)[-1] != "Three":
        page.get_by_role("button", name="Move down: Three").click()
    while order(page)[0] != "One":
        page.get_by_role("button", name="Move up: One").click()
    assert check(page, "order").startswith("Right.")
    page.get_by_role("button", name="Move down: One").click()
    assert check(page, "order") == "No. In its place: 1 of 3."


def test_a_picture(opened):
    page = opened()
    page.get_by_role("radio", name="A small disc").check()
    assert check(page, "picture") == "No. Takes small for full: it is small."
    page.locator("#quiz-picture-2 img").click()
    page.locator("#quiz-picture-2 input").press("Enter")
    assert said(page, "picture") == "Right. It is full."


def test_a_number(opened):
    page = opened()
    field = page.get_by_role("textbox", name="Your answer")
    expect(field).to_have_attribute("inputmode", "decimal")
    assert check(page, "number") == "Type a number, then check."
    for text, wanted in {
        "many": "No. This is not a number.",
        "4": "No. Turns it round: one over it.",
        "25 dB": "No. Takes the share in hundredths: divide by a hundred.",
        "0.25": "No. Not this. Try again, or open the answer.",
        "-0.25": "Right. −0.25 dB A quarter, and down.",
        "−0,245": "Right. −0.25 dB A quarter, and down.",
        "-0.265": "No. Not this. Try again, or open the answer.",
        "-2.5e-1": "Right. −0.25 dB A quarter, and down.",
        "−2.5 × 10⁻¹": "Right. −0.25 dB A quarter, and down.",
    }.items():
        field.fill(text)
        assert said(page, "number") == ""
        field.press("Enter")
        assert said(page, "number") == wanted, text


def test_a_gap(opened):
    page = opened()
    field, code = page.get_by_role("textbox", name="The gap"), page.locator("#quiz-fill [data-gap] code")
    assert check(page, "fill") == "Type what goes into the gap, then check."
    for text, wanted in {
        "a": "No. Forgets the one: add it.",
        "b": "No. Not this. Try again, or open the answer.",
        "a+1": "Right. Add one.",
        "1 + a": "Right. Add one.",
    }.items():
        field.fill(text)
        assert code.inner_text().strip() == f"print({text} if a else 0)"
        field.press("Enter")
        assert said(page, "fill") == wanted, text
    field.fill("")
    assert code.inner_text().strip() == "print(____ if a else 0)"


def steps(page) -> list[bool]:
    """Which steps of the proof are shown."""
    seen = "one => one.firstChild.checkVisibility({ contentVisibilityAuto: true })"
    return [step.evaluate(seen) for step in page.locator(".dl-proof-step").all()]


def test_a_proof_by_keyboard(opened):
    page = opened()
    where = page.locator(".dl-proof-where")
    expect(where).to_have_attribute("aria-live", "polite")
    assert steps(page) == [True, False, False]
    page.get_by_role("button", name="Next").focus()
    for count in (2, 3, 3):
        page.keyboard.press("Enter")
        assert where.inner_text() == f"Step {count} of 3"
        assert steps(page) == [number < count for number in range(3)]
        assert page.evaluate("document.activeElement.textContent") == "Next"
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert steps(page) == [True, True, False]
    page.get_by_role("button", name="Show all").press("Enter")
    assert steps(page) == [True, True, True]
    page.get_by_role("button", name="From the start").click()
    assert steps(page) == [True, False, False]


def test_a_link_opens_a_proof_at_its_step(opened):
    page = opened("blocks/#proof-same-2")
    assert steps(page) == [True, True, False]
    expect(page.locator("#proof-same-2")).to_be_in_viewport()
    page.evaluate("location.hash = '#proof-same-3'")
    expect(page.locator(".dl-proof-where")).to_have_text("Step 3 of 3")
    expect(page.locator("#proof-same-3")).to_be_in_viewport()
    page.locator("#proof-same-1 > .dl-proof-number").click()
    assert steps(page) == [True, True, True]
    expect(page.locator("#proof-same-1")).to_have_attribute("data-now", "")


def test_a_link_leads_to_a_quiz(opened):
    page = opened("blocks/#quiz-number")
    expect(page.locator("#quiz-number")).to_be_in_viewport()


def test_pages_that_are_swapped_in_come_to_life(opened):
    page = opened("")
    page.evaluate("globalThis.stayed = true")
    page.get_by_role("link", name="the third step").click()
    expect(page.locator(".dl-proof-where")).to_have_text("Step 3 of 3")
    page.get_by_label("Much").check()
    assert check(page, "one") == "Right. So it is."
    page.get_by_role("link", name="Home", exact=True).first.click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator("#quiz-one .dl-quiz-check")).to_have_count(1)
    expect(page.locator(".dl-proof-next")).to_have_count(1)
    assert check(page, "one") == "Choose an answer, then check."
    assert page.evaluate("globalThis.stayed") is True


def test_without_a_script_all_is_there(opened):
    page = opened(java_script_enabled=False)
    for quiz in ("one", "many", "order", "picture", "number", "fill", "tab"):
        answers = page.locator(f"#quiz-{quiz} .dl-quiz-verdicts")
        expect(answers).to_be_hidden()
        page.locator(f"#quiz-{quiz} summary").click()
        expect(answers).to_be_visible()
    assert page.locator("article input:not([name^=__tabbed])").count() == page.locator(".dl-quiz-check").count() == 0
    for step in page.locator(".dl-proof-step").all():
        expect(step).to_be_visible()
        expect(step.locator(".dl-proof-reason")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_on_paper_everything_is_open(opened, script):
    page = opened(java_script_enabled=script)
    page.emulate_media(media="print")
    for part in page.locator(".dl-quiz-verdict, .dl-quiz-solution, .dl-proof-reason, .dl-proof-words").all():
        expect(part).to_be_visible()
        assert part.bounding_box()["height"] > 5
    expect(page.get_by_text("Folded words.")).to_be_visible()
    for control in page.locator(".dl-quiz-check, .dl-quiz-moves, .dl-proof-controls").all():
        expect(control).to_be_hidden()


def test_folds_that_printing_opened_close_again(opened):
    page = opened()
    page.locator("#quiz-one summary").click()
    shut = page.locator("article details:not([open])").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("article details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("article details:not([open])").count() == shut > 3


def test_if_the_script_does_not_come_the_steps_are_shown(browser, url):
    context = browser.new_context()
    try:
        page = context.new_page()
        page.route("**/lesson.js", lambda route: route.abort())
        page.goto(f"{url}blocks/")
        for step in page.locator(".dl-proof-step").all():
            expect(step).to_be_visible()
    finally:
        context.close()


@pytest.mark.parametrize("view", [*checks.VIEWS, checks.PLAIN], ids=str)
def test_a_page_of_blocks_is_open_to_everyone(browser, url, view):
    axe = (checks.ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8") if view.javascript else None
    seen = checks.visit(browser, f"{url}blocks/", url, view, axe)
    questions = {name: ask(seen) for name, ask in checks.QUESTIONS.items() if name != "is readable"}
    assert questions == dict.fromkeys(questions, [])


@pytest.mark.parametrize("view", checks.VIEWS[::2], ids=str)
def test_nothing_moves_when_a_proof_is_folded_up(browser, url, view):
    seen = checks.visit(browser, f"{url}proof/", url, view)
    assert seen.shifts == seen.console == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_answers_are_open_to_everyone(opened, width, scheme):
    """The same with every quiz answered, wrongly and rightly, and the proof half way."""
    page = opened(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    axe = (checks.ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")
    page.get_by_role("button", name="Next").click()
    for one, many, shown, number, fill in ((0, 1, 0, "4", "a"), (1, 0, 1, "-0.25", "a + 1")):
        page.locator("#quiz-one input").nth(one).check()
        page.locator("#quiz-many input").nth(many).check()
        page.locator("#quiz-picture input").nth(shown).check()
        page.get_by_label("Your answer").fill(number)
        page.get_by_label("The gap").fill(fill)
        for quiz in ("one", "many", "order", "picture", "number", "fill"):
            assert check(page, quiz)
        assert checks.barriers(page.context, page, axe) == []
        assert page.evaluate(checks.OVERFLOW) == []

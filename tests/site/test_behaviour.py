"""What the theme does for a reader must go on working under the strict policy: moving about, finding, choosing colours."""

import checks
import pytest
from checks import Site
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def log(site: Site) -> checks.Visit:
    return checks.Visit(site.url, site.url)


@pytest.fixture
def home(browser: Browser, site: Site, log: checks.Visit):
    """The home page on a desk; whatever is done with it, nothing may be logged, refused or lost."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce"
    )
    page = checks.watch(context, log)
    page.goto(site.url)
    yield page
    page.wait_for_load_state("networkidle")  # a picture may be on its way, and closing would break it off
    log.policy = page.evaluate("__policy")
    context.close()
    for name in ("stays on the site", "every request succeeds", "the console is silent", "the policy refuses nothing"):
        assert not checks.QUESTIONS[name](log), name


def test_links_change_the_page_without_loading_it_anew(home: Page, site: Site):
    home.evaluate("window.kept = true")
    home.locator("article a[href]", has_text="Noise schedules").first.click()
    expect(home).to_have_title("Noise schedules - The Diffusion Ladder")
    expect(home).to_have_url(f"{site.url}intermediate/noise_schedules/")
    assert home.evaluate("window.kept")
    home.go_back()
    expect(home).to_have_title("The Diffusion Ladder")


def test_search_finds_a_page(home: Page):
    home.keyboard.press("/")
    home.keyboard.type("cosine schedule", delay=10)
    result = home.locator(".md-search-result__link").first
    expect(result).to_contain_text("Noise schedules")
    result.click()
    expect(home).to_have_title("Noise schedules - The Diffusion Ladder")


def test_the_colour_scheme_changes_by_keyboard_and_stays(home: Page):
    body = home.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    for _ in range(20):
        home.keyboard.press("Tab")
        if home.evaluate("document.activeElement.name") == "__palette":
            break
    home.keyboard.press("Enter")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    home.reload()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")


def test_a_dark_system_is_followed_at_once_and_fetches_dark_pictures_only(
    browser: Browser, site: Site, log: checks.Visit
):
    context = browser.new_context(color_scheme="dark")
    page = checks.watch(context, log)
    page.goto(site.url)
    page.evaluate(checks.SETTLE)
    pictures = page.locator(".dl-figure .dl-dark")
    assert pictures.count()
    for name in pictures.evaluate_all("all => all.map((image) => image.src)"):
        assert name in log.requests
        assert name.replace(".dark.", ".") not in log.requests
    context.close()


def test_a_missing_page_leads_home_from_any_depth(browser: Browser, site: Site, log: checks.Visit):
    context = browser.new_context()
    page = checks.watch(context, log)
    answer = page.goto(f"{site.url}no/such/page/")
    assert answer.status == 404
    page.locator("article a", has_text="home").click()
    expect(page).to_have_url(site.url)
    expect(page).to_have_title("The Diffusion Ladder")
    context.close()
    assert [line for line in log.failed if "no/such/page" not in line] == []
    assert log.strangers == []


def test_code_is_copied_and_scrolled_by_keyboard(browser: Browser, site: Site):
    context = browser.new_context(
        viewport={"width": 360, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(f"{site.url}intermediate/noise_schedules/")
    block = page.locator(".highlight").first
    page.wait_for_function("document.documentElement.classList.contains('js')")
    block.locator("button").press("Enter")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == block.locator("code").inner_text().split()
    wide = page.locator("article pre").evaluate_all("all => all.findIndex((pre) => pre.scrollWidth > pre.clientWidth)")
    if wide >= 0:
        scroller = page.locator("article pre").nth(wide)
        scroller.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("(pre) => pre.scrollLeft > 0", arg=scroller.element_handle())
    context.close()

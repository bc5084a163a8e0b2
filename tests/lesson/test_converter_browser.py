"""The converter in a browser says what `diffusion_ladder.notation` says, under the site's strict policy."""

import json
import math
import random
import sys
from pathlib import Path

import pytest
import torch
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/site"))

from browser import launch  # noqa: E402

from diffusion_ladder import notation  # noqa: E402
from figures.shelf import notation as figures  # noqa: E402

ADDRESS = "http://converter.test/shelf/notation/"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
PAGE = """<!doctype html><html lang="en"><head><title>Converter</title><link rel="stylesheet" href="converter.css">
<script src="converter.js" defer></script></head><body><h1>Converter</h1>
<dl-converter data-source="converter.json"></dl-converter></body></html>"""


@pytest.fixture(scope="module")
def page():
    files = {
        "": ("text/html", PAGE),
        "converter.js": ("text/javascript", (ROOT / "docs/assets/converter.js").read_text("utf-8")),
        "converter.css": ("text/css", (ROOT / "docs/assets/converter.css").read_text("utf-8")),
        "converter.json": ("application/json", json.dumps(figures.converter())),
    }

    def answer(route):
        kind, body = files.get(route.request.url.removeprefix(ADDRESS), ("text/plain", ""))
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Security-Policy": POLICY}
        route.fulfill(body=body, headers=headers)

    with sync_playwright() as playwright:
        browser = launch(playwright)
        view = browser.new_page(viewport={"width": 360, "height": 800})
        view.complaints = []
        view.on("console", lambda message: message.type == "error" and view.complaints.append(message.text))
        view.on("pageerror", lambda error: view.complaints.append(str(error)))
        view.route("**/*", answer)
        view.goto(ADDRESS)
        view.wait_for_selector("dl-converter output strong")
        yield view
        browser.close()


def ask(page, a: str, value: float, b: str) -> dict:
    page.select_option("[name=from]", a)
    page.select_option("[name=to]", b)
    page.fill("[name=value]", repr(value))
    return json.loads(page.eval_on_selector("dl-converter", "node => node.dataset.result ?? 'null'"))


@pytest.mark.parametrize("a", notation.CONVENTIONS)
def test_levels(page, a):
    """From each paper to each: random values, drawn anew at every run."""
    low, high = next(row["between"] for row in figures.converter()["papers"] if row["name"] == a)
    for b in notation.CONVENTIONS:
        value = random.uniform(low, high)
        result = ask(page, a, value, b)
        v = torch.tensor(value, dtype=torch.float64)
        there = notation.level(v, a, b)
        x, _ = notation.state(torch.ones(()).double(), v, a, b)
        expected = [float(n) for n in (there, x, *notation.CONVENTIONS[a].to_site(v))]
        got = [result[key] for key in ("value", "scale", "alpha", "sigma")]
        for one, other in zip(got, expected, strict=True):
            assert math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-7), (a, value, b, got, expected)


def test_weights(page):
    for _ in range(3):
        weight = round(random.uniform(0, 12), 3)
        page.fill("[name=theirs]", str(weight))
        assert float(page.input_value("[name=ours]")) == pytest.approx(notation.weight(weight, "guidance", "site"))
        page.fill("[name=ours]", str(weight))
        assert float(page.input_value("[name=theirs]")) == pytest.approx(notation.weight(weight, "site", "guidance"))


def test_out_of_range_is_said(page):
    assert ask(page, "ddpm", 1.5, "edm") is None
    assert "runs from" in page.inner_text("output")


def test_fits_a_phone_and_breaks_no_rule(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.complaints == []


def test_every_control_has_a_label(page):
    unnamed = page.eval_on_selector_all("select, input", "nodes => nodes.filter(node => !node.labels.length).length")
    assert unnamed == 0

"""Formulas of finished pages: typeset once, styled together, named where they fail."""

import hashlib
import re
from pathlib import Path

import pytest

from press.errors import PressError
from press.math import node
from press.math.formulas import Formula, formulas_in, rewrite
from press.math.locate import locate
from press.math.plain import plain
from press.math.publish import publish
from press.math.render import MathError, render
from press.math.styles import stylesheet

PAGE = """<!doctype html><html><head><meta charset="utf-8"><link rel="stylesheet" href="../../site.css"></head><body>
<!-- <span class="arithmatex">\\(comment\\)</span> --><script>'<span class="arithmatex">\\(script\\)</span>'</script>
<p>When <span class="arithmatex">\\(a &lt; b\\)</span>, &amp; so on.</p>
<div class="arithmatex">\\[
\\begin{aligned} x_t &amp;= \\data{x_0} + \\noise{\\epsilon} \\end{aligned}
\\]</div>
<pre><code>&lt;span class="arithmatex"&gt;\\(code\\)&lt;/span&gt;  $x$ \\(y\\)</code></pre></body></html>"""
INLINE, DISPLAY = Formula("a < b"), Formula(r"\begin{aligned} x_t &= \data{x_0} + \noise{\epsilon} \end{aligned}", True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("math")


def page(*formulas: str) -> str:
    spans = "".join(f'<p><span class="arithmatex">\\({tex}\\)</span></p>' for tex in formulas)
    return f"<html><head></head><body>{spans}</body></html>"


def html(tex: str, cache: Path) -> str:
    return render([Formula(tex)], cache)[Formula(tex)].html


def files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_formulas_are_found_where_a_reader_sees_them():
    assert [formula for formula, _ in formulas_in(PAGE)] == [INLINE, DISPLAY]
    assert all(PAGE[place:].startswith(("<span", "<div")) for _, place in formulas_in(PAGE))


def test_everything_but_the_formulas_stays_byte_for_byte(cache):
    typeset = rewrite(PAGE, render([INLINE, DISPLAY], cache))
    pieces = re.split(r'(?s)<span class="arithmatex">\\\(a.*?</span>|<div class="arithmatex">.*?</div>', PAGE)
    assert len(pieces) == 3
    body = re.escape(pieces[0]) + "(.*)" + re.escape(pieces[1]) + "(.*)" + re.escape(pieces[2])
    inline, display = re.fullmatch(body, typeset, re.DOTALL).groups()
    assert inline.startswith("<mjx-container") and inline.endswith("</mjx-container>")
    assert display.startswith('<div class="dl-formula" role="group" tabindex="0" aria-label="Formula: x_t = x₀ + ε">')


def test_a_typeset_page_is_left_as_it_is(cache):
    once = rewrite(PAGE, render([INLINE, DISPLAY], cache))
    assert formulas_in(once) == [] and rewrite(once, {}) == once


def test_what_a_formula_becomes(cache):
    made = html(r"\hat x_0 = \bm{x} \coloneqq \mathbbm{1}", cache)
    assert '<mjx-assistive-mml unselectable="on" display="inline"><math xmlns' in made
    assert "𝒙" in made and "≔" in made and "𝟙" in made
    assert "<script" not in made and "data-latex" not in made and "merror" not in made


@pytest.mark.parametrize(
    ("macro", "name"),
    [("data", "data"), ("noise", "noise"), ("guess", "guess"), ("truth", "truth"), ("cond", "condition")],
)
def test_a_meaning_is_a_class_with_a_colour_of_the_palette(macro, name, cache):
    rendered = render([Formula(rf"\{macro}{{x}}")], cache)
    assert f'class="dl-{name}"' in html(rf"\{macro}{{x}}", cache)
    assert f".dl-{name} {{ color: var(--dl-{name}); }}" in stylesheet(rendered.values())


def test_every_fault_is_named_with_page_formula_and_reason(tmp_path, cache):
    pages = {
        Path("a/index.html"): page("x", r"\fraq{1}{2}"),
        Path("b/index.html"): page(r"\fraq{1}{2}", "{y", "z"),
    }
    with pytest.raises(MathError) as raised:
        publish(tmp_path, pages, cache)
    assert sorted(str(error) for error in raised.value.errors) == [
        r"a/index.html: Undefined control sequence \fraq, in the formula \fraq{1}{2}",
        r"b/index.html: Extra open brace or missing close brace, in the formula {y",
        r"b/index.html: Undefined control sequence \fraq, in the formula \fraq{1}{2}",
    ]
    assert files(tmp_path) == {}


def test_a_fault_does_not_lose_the_formulas_beside_it(tmp_path, monkeypatch):
    with pytest.raises(MathError):
        render([Formula("x"), Formula(r"\fraq"), Formula("y")], tmp_path)
    monkeypatch.setattr(node, "find", lambda: "/nonexistent/node")
    assert len(render([Formula("x"), Formula("y")], tmp_path)) == 2


@pytest.mark.parametrize("tex", [r"\unknown", r"\color{red}x", r"\def\x{1}\x", r"\newcommand{\x}{1}\x", r"\require{x}"])
def test_only_known_commands_pass(tex, cache):
    with pytest.raises(MathError, match="Undefined control sequence"):
        render([Formula(tex)], cache)


def test_only_new_formulas_reach_node(cache, monkeypatch):
    first = render([Formula("p"), Formula("q")], cache)
    sent, typeset = [], node.typeset
    monkeypatch.setattr(node, "typeset", lambda formulas: sent.extend(formulas) or typeset(formulas))
    second = render([Formula("q"), Formula("r"), Formula("p")], cache)
    assert sent == [Formula("r")]
    assert {formula: second[formula] for formula in first} == first
    monkeypatch.setattr(node, "find", lambda: "/nonexistent/node")
    assert render([Formula("q"), Formula("r"), Formula("p")], cache) == second
    with pytest.raises(PressError, match="cannot start Node"):
        render([Formula("p"), Formula("s")], cache)


def test_missing_node_and_missing_mathjax_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(node, "ROOT", tmp_path)
    with pytest.raises(PressError, match="make install"):
        node.typeset([Formula("x")])
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(PressError, match="make install"):
        node.typeset([Formula("x")])


def test_a_fault_of_mathjax_itself_is_no_fault_of_the_author(monkeypatch, tmp_path):
    script = tmp_path / "broken.mjs"
    script.write_text("throw new Error('out of order')")
    monkeypatch.setattr(node, "SCRIPT", script)
    with pytest.raises(PressError, match="out of order") as raised:
        node.typeset([Formula("x")])
    assert not isinstance(raised.value, MathError)


def test_rules_of_separate_runs_come_together(cache):
    root, sum_ = Formula(r"\sqrt{y}"), Formula(r"\sum_k z", True)
    one, other = render([root], cache)[root], render([sum_], cache)[sum_]
    sheet = stylesheet([one, other])
    assert "mjx-msqrt {" in sheet and "mjx-munder {" in sheet
    assert set(one.css) | set(other.css) <= set(sheet.splitlines())
    assert "mjx-msqrt {" not in stylesheet([other])
    rules = [line for line in sheet.splitlines() if line.startswith("mjx-")]
    assert len(rules) == len(set(rules))


def test_fonts_are_those_drawn_with(tmp_path, cache):
    render([Formula(r"\mathfrak{g}"), Formula("ж")], cache)  # loads fonts that the next formulas have no use for
    out = publish(tmp_path, {Path("deep/page/index.html"): page(r"\mathbb{E}[x]")}, cache)
    html = out[Path("deep/page/index.html")]
    written = {path.name for path in (tmp_path / "assets" / "math").iterdir()}
    assert {name.split(".")[0] for name in written} == {"math", "mjx-ncm-zero", "mjx-ncm-ds", "mjx-ncm-n"}
    assert set(re.findall(r'href="../../assets/math/([^"]+)"', html)) == written
    assert html.index("preload") < html.index("mjx-ncm-zero") < html.index("mjx-ncm-ds")
    sheet = next((tmp_path / "assets" / "math").glob("*.css")).read_text("utf-8")
    assert set(re.findall(r'url\("([^"]+)"\)', sheet)) == {name for name in written if name.endswith("woff2")}
    assert all(path.stat().st_size < 3_000 for path in (tmp_path / "assets" / "math").glob("*.woff2"))


def test_a_page_without_formulas_is_left_alone(tmp_path, cache):
    pages = {Path("index.html"): "<html><head></head><body>$5</body></html>", Path("a.html"): page("x")}
    out = publish(tmp_path, pages, cache)
    assert out[Path("index.html")] == pages[Path("index.html")]
    assert 'href="assets/math/math.' in out[Path("a.html")]
    assert publish(tmp_path / "none", {Path("index.html"): "<html></html>"}, cache) == {
        Path("index.html"): "<html></html>"
    }
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("damage", [b"", b"half", b"0" * 64 + b"\n{}"])
def test_a_damaged_cache_entry_is_made_again(damage, tmp_path):
    before = render([INLINE], tmp_path)
    (entry,) = [path for path in tmp_path.rglob("*.json")]
    whole = entry.read_bytes()
    entry.write_bytes(damage or whole[:-10])
    assert render([INLINE], tmp_path) == before
    assert entry.read_bytes() == whole


def test_same_bytes_from_two_empty_caches(tmp_path):
    pages = {Path("a.html"): PAGE, Path("b/c.html"): page(r"\mathfrak{g}", r"\sqrt[3]{x}", "a &lt; b")}
    again = dict(reversed(pages.items()))
    one = publish(tmp_path / "one", pages, tmp_path / "cache-one")
    render([Formula(r"\mathfrak{g}")], tmp_path / "cache-two")  # so that the second cache fills in another order
    two = publish(tmp_path / "two", again, tmp_path / "cache-two")
    assert one == two
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "cache-one") == files(tmp_path / "cache-two")


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"x_t = \sqrt{\bar\alpha_t}\,\data{x_0} + \sqrt{1-\bar{\alpha}_t}\,\epsilon", "x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε"),
        (r"q(x_{t-1}\mid x_t) = \mathcal{N}\left(x_{t-1};\, \mu, \mathbf{I}\right)", "q(x_{t−1} | x_t) = 𝒩(x_{t−1}; μ, I)"),
        (r"\mathbb{E}\left[\|\epsilon - \epsilon_\theta(x_t,t)\|^2\right]", "𝔼[‖ε − ε_θ(x_t, t)‖²]"),
        (r"\lambda_t = \log\frac{\alpha_t^2}{\sigma_t^2}", "λ_t = log α_t²/σ_t²"),
        (r"\frac{dx}{dt} = f - \tfrac12 g(t)^2 \nabla_x \log p_t(x)", "dx/dt = f − 1/2 g(t)² ∇_x log p_t(x)"),
        (r"\frac{a+b}{2\sigma^2}", "(a + b)/(2σ²)"),
        (r"\bar\alpha_t \coloneqq \prod_{s=1}^{t} (1-\beta_s)", "ᾱ_t ≔ ∏_{s=1}^t (1 − β_s)"),
        (r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise}\end{cases}", "f(x) = {1, x > 0; 0, otherwise"),
        (r"\begin{aligned} a &= b \\ &= -c\end{aligned}", "a = b = −c"),
        (r"\begin{pmatrix} 1 & 0 \\ 0 & 1\end{pmatrix}", "(1, 0; 0, 1)"),
        (r"10\log_{10} \mathrm{SNR}, 90^\circ, e^{-2}, e^{-x}, A^\top", "10 log₁₀ SNR, 90°, e⁻², e^{−x}, A^⊤"),
        (r"\operatorname*{arg\,min}_\theta \hat{\mathbf x}_0, \dot x \in \mathbb R^d", "arg min_θ x̂₀, ẋ ∈ ℝ^d"),
        (r"T = 1{,}000, 0.5, t \to 0, f'(x), a \not= b", "T = 1,000, 0.5, t → 0, f′(x), a ≠ b"),
        (r"\left.\frac{dx}{dt}\right|_{t=0}", "dx/dt|_{t=0}"),
        (r"{\frac", "/()"),
        ("", ""),
    ],
)  # fmt: skip
def test_plain_text(tex, text):
    assert plain(tex) == text


SOURCE = r"""---
title: Noise
---
In prose x = 1 is no formula, `$x = 1$` is code.

```python
y = "$x = 1$"  # $$ z $$
```

    Then $x=1$ and \(y\).

$$
\begin{aligned}
z &= 1
\end{aligned}
$$

> $$ w
> + 1 $$

~~~
$v$
~~~
\begin{align*}
u
\end{align*}
"""


@pytest.mark.parametrize(
    ("tex", "line"),
    [
        ("x = 1", 10), ("y", 10), (r"\begin{aligned}" "\nz &= 1\n" r"\end{aligned}", 13), ("w + 1", 18), ("v", None),
        (r"\begin{align*} u \end{align*}", 24), ("z", None), ("Noise", None),
    ],
)  # fmt: skip
def test_locate(tex, line):
    assert locate(SOURCE, tex) == line

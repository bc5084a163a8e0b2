"""Pages read as the site reads them: with every extension that mkdocs.yml names, and a shelf and numbers of the test's own."""

from functools import cache
from pathlib import Path

from markdown import Markdown
from mkdocs.config import load_config

from lesson.extension import LessonExtension
from manuscript.lines import Line

ROOT = Path(__file__).parents[2]
NUMBERS = {
    "intermediate/noise/linear_end": "4.035829765375694e-05",
    "intermediate/noise/end_db": "-43.94065",
    "intermediate/noise/third": "0.3617",
    "intermediate/noise/steps": "1000",
    "advanced/ddpm/steps": "50",
    "advanced/ddpm/barely": "-0.001",
}
BIBLIOGRAPHY = """
[ho2020]
authors  = ["J. Ho", "A. Jain", "P. Abbeel"]
title    = "Denoising Diffusion Probabilistic Models"
venue    = "NeurIPS"
year     = 2020
url      = "https://arxiv.org/abs/2006.11239"
verified = 2026-11-21

[nichol2021]
authors  = ["A. Nichol", "P. Dhariwal"]
title    = "Improved <DDPM> & more"
venue    = "ICML"
year     = 2021
url      = "https://doi.org/10.1000/182"
verified = 2026-11-21
note     = "With code."

[song2021ddim]
authors  = ["J. Song", "C. Meng", "S. Ermon"]
title    = "Denoising Diffusion Implicit Models"
venue    = "ICLR"
year     = 2021
url      = "https://arxiv.org/abs/2010.02502"
verified = 2026-11-21

[song2021sde]
authors  = ["Y. Song", "J. Sohl-Dickstein", "B. Poole"]
title    = "Score-Based Generative Modeling"
venue    = "ICLR"
year     = 2021
url      = "https://arxiv.org/abs/2011.13456"
verified = 2026-11-21

[maaten2022]
authors  = ["L. van der Maaten"]
title    = "A Title"
venue    = "ICML 2023"
year     = 2022
url      = "https://www.example.org/paper"
verified = 2026-11-21
"""


def shelf(folder: Path, bibliography: str = BIBLIOGRAPHY) -> Path:
    """A shelf with a bibliography, and computed numbers."""
    for name, number in NUMBERS.items():
        file = folder / "numbers" / f"{name}.value"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(number)
    (folder / "shelf").mkdir(exist_ok=True)
    (folder / "shelf" / "bibliography.toml").write_text(bibliography)
    return folder


@cache
def _site() -> tuple[list[str], dict]:
    config = load_config(str(ROOT / "mkdocs.yml"))
    names = [name for name in config["markdown_extensions"] if name != "lesson.extension"]
    options = {name: dict(config["mdx_configs"].get(name) or {}) for name in names}
    options["pymdownx.snippets"]["base_path"] = [str(ROOT / "snippets")]
    return names, options


def reader(folder: Path, **options) -> Markdown:
    names, configs = _site()
    lesson = LessonExtension(data=str(folder / "shelf"), values=str(folder / "numbers"), **options)
    return Markdown(extensions=[*names, lesson], extension_configs=configs)


def lines(text: str) -> list[Line]:
    """A page as the linter gets it."""
    return [Line(line, Path("page.md"), number) for number, line in enumerate(text.split("\n"), 1)]


def told(faults) -> list[str]:
    return [f"{fault.file}:{fault.line}: {fault.message}" for fault in faults]

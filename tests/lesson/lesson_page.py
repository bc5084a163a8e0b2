"""A folder with one page, and what the linter and the renderer make of it."""

from pathlib import Path
from textwrap import indent

from markdown import Markdown

from lesson.lint import lint_all
from lesson.shelf import Lesson
from manuscript.lines import read

EXTENSIONS = {
    "admonition": {}, "attr_list": {}, "footnotes": {}, "md_in_html": {}, "tables": {},
    "pymdownx.arithmatex": {"generic": True}, "pymdownx.details": {}, "pymdownx.highlight": {"pygments_lang_class": True},
    "pymdownx.superfences": {}, "pymdownx.tabbed": {"alternate_style": True},
}  # fmt: skip

# Where a block may stand: each takes the block and gives the page, and the file that the block is then in.
PLACES = {
    "plain": lambda text: {"docs/page.md": f"# Page\n\n{text}\n\nAfter.\n"},
    "front matter": lambda text: {"docs/page.md": f"---\ntitle: T\n---\n\n# Page\n\nText.\n\n{text}\n"},
    "tab": lambda text: {"docs/page.md": f'# Page\n\n=== "One"\n\n{indent(text, "    ")}\n\n=== "Two"\n\n    Text.\n'},
    "admonition": lambda text: {"docs/page.md": f'!!! note "N"\n\n    Text.\n\n{indent(text, "    ")}\n\nAfter.\n'},
    "fold in a tab": lambda text: {"docs/page.md": f'=== "One"\n\n    ??? note "N"\n\n{indent(text, " " * 8)}\n\nAfter.\n'},
    "snippet": lambda text: {"docs/page.md": '# Page\n\n--8<-- "part.md"\n', "snippets/part.md": f"Text.\n\n{text}\n"},
    "snippet in a tab": lambda text: {
        "docs/page.md": '# Page\n\n=== "One"\n\n    --8<-- "part.md"\n', "snippets/part.md": f"Text.\n\n{text}\n"
    },
}  # fmt: skip


def site(root: Path, files: dict[str, str]) -> Lesson:
    """Write files; `HERE` marks a line for `places` and is taken out."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("⟨HERE⟩", ""), "utf-8")
    return Lesson(root / "docs/shelf", root / "values", root)


def places(files: dict[str, str]) -> list[str]:
    """`file:line` of each line that is marked."""
    return [
        f"{name}:{number}"
        for name, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if "⟨HERE⟩" in line
    ]


def said(root: Path, lesson: Lesson) -> list[tuple[str, str]]:
    """(`file:line`, message) of every fault of every page."""
    pages = {file: read(file, [root / "snippets"])[0] for file in sorted((root / "docs").rglob("*.md"))}
    return [(f"{one.file.relative_to(root)}:{one.line}", one.message) for one in lint_all(pages, lesson)]


def rendered(root: Path, text: str) -> str:
    """A text as HTML."""
    configs = EXTENSIONS | {"lesson.extension": {"data": str(root / "docs/shelf"), "values": str(root / "values")}}
    return Markdown(extensions=list(configs), extension_configs=configs).convert(text)

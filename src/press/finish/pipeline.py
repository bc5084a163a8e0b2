"""The pass itself: read every page, change the text, write what changed."""

from collections.abc import Mapping
from pathlib import Path

from lesson.dress import dress
from lesson.ladder import Ladder

from ..address import markdown
from ..catalog import Catalog
from ..errors import PressError, PressErrors
from ..project import Project
from ..store import write
from .formulas import typeset
from .pictures import Gallery
from .policy import guarded, policy
from .programs import joined
from .search import readable


def finish(project: Project, site: Path, require_built: bool = True) -> None:
    """Finish a site that a generator has rendered. Finishing it again changes nothing.

    Args:
        project: the checkout that the site was rendered from.
        site: the folder of the rendered site.
        require_built: False in a live preview: pictures still to be built have no size, and pages carry no policy,
            since the preview server adds a script of its own to each of them. A fault then spoils its own page only,
            and faults of images are left to `press.pages.lint`.

    Raises:
        PressErrors: everything that is wrong, each with its file and line; unless in a preview, no page has been changed.
    """
    catalog = Catalog.scan(project)
    copy(project, catalog, site)
    before = {file.relative_to(site).as_posix(): file.read_bytes().decode() for file in sorted(site.rglob("*.html"))}
    pages, faults = _hung(Gallery(project, catalog, site, require_built), before)
    if faults and require_built:
        raise PressErrors(faults)
    if require_built:
        words = policy(pages.values())
        pages = {page: guarded(text, words) for page, text in pages.items()}
    for page, text in pages.items():
        if text != before[page]:
            write(site / page, text.encode(), lasting=False)
    readable(site)
    if faults:
        raise PressErrors(faults)


def copy(project: Project, catalog: Catalog, site: Path) -> None:
    """Put built files into the site, without the texts and the numbers: they stand in the pages already."""
    for path in catalog.published():
        built, placed = project.out / path, site / path
        if not built.is_file():
            continue
        content = built.read_bytes()
        if not placed.is_file() or placed.read_bytes() != content:
            write(placed, content, lasting=False)


def _hung(gallery: Gallery, before: Mapping[str, str]) -> tuple[dict[str, str], list[PressError]]:
    """The pages with pictures, formulas, notes on code blocks and their places on the ladder, and every fault found."""
    docs = gallery.project.docs
    ladder = Ladder.read(docs, gallery.project.root / "mkdocs.yml")
    pages, faults = {}, []
    for page, text in before.items():
        text = joined(text)
        if file := markdown(gallery.project, page):
            text = dress(file.relative_to(docs).as_posix(), text, ladder)
        pages[page], found = gallery.hang(page, text)
        faults += found
    pages, found = typeset(gallery, pages)
    return pages, faults + found

"""The formulas of a site, typeset; a faulty one is told where it was written, in a page or in a caption."""

from collections.abc import Mapping
from pathlib import Path

from ..address import markdown
from ..errors import PressError
from ..math.locate import locate
from ..math.publish import publish
from ..math.render import Fault, MathError
from .pictures import Gallery


def typeset(gallery: Gallery, pages: Mapping[str, str]) -> tuple[dict[str, str], list[PressError]]:
    """The pages of a site with their formulas typeset, those with a faulty one as they were, and what is wrong."""
    try:
        done = publish(gallery.site, {Path(page): text for page, text in pages.items()}, gallery.project.cache / "math")
    except MathError as error:
        faulty = {Path(fault.file).as_posix() for fault in error.errors}
        sound, _ = typeset(gallery, {page: text for page, text in pages.items() if page not in faulty})
        return {**pages, **sound}, list(dict.fromkeys(_placed(gallery, pages, fault) for fault in error.errors))
    return {page: done[Path(page)] for page in pages}, []


def _placed(gallery: Gallery, pages: Mapping[str, str], fault: Fault) -> PressError:
    """The fault with the file and line to mend it in."""
    page = Path(fault.file).as_posix()
    file = markdown(gallery.project, page)
    if file and (line := locate(file.read_text("utf-8"), fault.formula.tex)):
        return PressError(fault.message, file, line)
    for entry in gallery.shown(page, pages[page]):
        lines = "\n".join(entry.file.read_text("utf-8").split("\n")[entry.line - 1 : entry.end])
        if line := locate(lines.replace(r"\\", "\\"), fault.formula.tex):  # a plain string doubles its backslashes
            return PressError(fault.message, entry.file, entry.line - 1 + line)
    return PressError(fault.message, file or gallery.site / page)

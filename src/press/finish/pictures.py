"""From one image in a page to a figure in both colour schemes, with its caption, its badge, its seed and its source."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from posixpath import dirname

from markdown import Markdown

from ..address import folder, link, markdown, resolve, url
from ..catalog import Catalog, Entry
from ..errors import PressError
from ..pages import images, misdirected
from ..project import Project
from ..sources import source_url
from .html import Attributes, Edit, Tag, edited, quoted, tag, tags
from .size import Size, size

SCHEMES = ("dl-light", "dl-dark")
# When the second file of a scheme stands in for the first: on a phone, and where less motion was asked for.
STANDS_IN = {
    "Figure": "(max-width: 30em)",
    "Figure webp": "(max-width: 30em)",
    "FuncAnimation": "(prefers-reduced-motion: reduce)",
}
BADGES = {
    "exact": "Follows from a formula: no network was trained for it.",
    "trained": "Comes from a network that code of this site trained.",
    "recalls": "Comes from the exact denoiser of a finite set of examples: it can return those and nothing new.",
    "precomputed": "Was computed ahead of time by code of this site; here it is played back.",
}


class Gallery:
    """The pictures of a project, ready to be hung in the pages of `site`.

    Args:
        require_built: whether a picture that has not been built is a fault; otherwise it has no size yet.
    """

    def __init__(self, project: Project, catalog: Catalog, site: Path, require_built: bool):
        self.project, self.catalog, self.site, self.require_built = project, catalog, site, require_built
        self.entries = {path: entry for path, entry in catalog.by_output().items() if entry.picture}
        self.rooms = {dirname(path) for path in self.entries}
        self.size = cache(self._size)

    def hang(self, page: str, text: str) -> tuple[str, list[PressError]]:
        """The page with its pictures hung, and what is wrong with its images. What hangs already stays as it is."""
        found = list(tags(text, ("img", "p", "/p")))
        wall = _Wall(self, page)
        faults = [fault for image in found if image.name == "img" and (fault := self._fault(page, image))]
        return edited(text, wall.edits(text, found)), faults

    def shown(self, page: str, text: str) -> list[Entry]:
        """The figures a page shows."""
        targets = [resolve(folder(page), image.attributes.get("src") or "") for image in tags(text, ("img",))]
        return list(dict.fromkeys(self.entries[target] for target in targets if target in self.entries))

    def _fault(self, page: str, image: Tag) -> PressError | None:
        src = image.attributes.get("src") or ""
        target = resolve(folder(page), src)
        entry = self.entries.get(target)
        if not self.require_built:
            return None
        if not (image.attributes.get("alt") or "").strip():
            message = f"the image {src} has no alternative text; say what it shows to somebody who cannot see it"
        elif entry and self.size(target) is None:
            message = f"{entry.name} is not built; run `press build`"
        elif target is None or (hung(image) and entry) or self._plain_file(target):
            return None
        elif not (message := misdirected(self.project, self.catalog, target, folder(page))):
            return None
        return PressError(message, *self._place(page, target, src))

    def _plain_file(self, target: str) -> bool:
        """Whether it is a file of the site that nobody would take for a figure."""
        return dirname(target) not in self.rooms and (self.site / target).is_file()

    def _place(self, page: str, target: str | None, src: str) -> tuple[Path, int | None]:
        """Where the Markdown says so; the page itself if it was made from none."""
        file = markdown(self.project, page)
        if file is None:
            return self.site / page, None
        same = [one for one in images(self.project, file) if one.target == target and (target or one.src == src)]
        bare = [one for one in same if not one.alt.strip()]
        return next(((one.file, one.line) for one in (*bare, *same)), (file, None))

    def _size(self, path: str) -> Size | None:
        file = self.project.out / path
        return size(file.read_bytes()) if file.is_file() else None


class _Wall:
    """One page while its pictures are hung."""

    def __init__(self, gallery: Gallery, page: str):
        self.gallery, self.folder = gallery, folder(page)
        self.ids: set[str] = set()

    def edits(self, text: str, found: list[Tag]) -> Iterator[Edit]:
        alone = {}
        for start, inside, end in _paragraphs(found):
            rest = edited(text[start.end : end.start], [(i.start - start.end, i.end - start.end, "") for i in inside])
            if not rest.strip() and all(self._entry(image) and not hung(image) for image in inside):
                alone |= {image: start for image in inside}
                yield from ((mark.start, mark.end, "") for mark in (start, end))
        for image in found:
            entry = self._entry(image) if image.name == "img" else None
            if entry is None:
                continue
            if hung(image):
                html = self._measured(image)
            elif image in alone:
                html = self._figure(entry, image, alone[image])
            else:
                html = self._pictures(entry, image, self._id(entry))
            yield image.start, image.end, html

    def _entry(self, image: Tag) -> Entry | None:
        return self.gallery.entries.get(resolve(self.folder, image.attributes.get("src") or ""))

    def _id(self, entry: Entry) -> Attributes:
        """The figure's anchor, the first time it is shown."""
        anchor = f"fig-{entry.function}"
        fresh = anchor not in self.ids
        self.ids.add(anchor)
        return {"id": anchor} if fresh else {}

    def _figure(self, entry: Entry, image: Tag, paragraph: Tag) -> str:
        attributes = {"class": " ".join(["dl-figure", *paragraph.classes]), **self._id(entry)}
        caption = f"<figcaption>{self._caption(entry)}{self._facts(entry)}</figcaption>"
        return f"{tag('figure', attributes)}\n{self._pictures(entry, image, {}, alone=True)}\n{caption}\n</figure>"

    def _pictures(self, entry: Entry, image: Tag, anchor: Attributes, alone: bool = False) -> str:
        """The picture in both schemes; style sheets show one of them. One in a sentence is small on every screen."""
        said = {name: value for name, value in image.attributes.items() if name not in ("src", "alt", "class")}
        html = []
        for scheme, path, other in zip(SCHEMES, entry.outputs, entry.outputs[2:], strict=False):
            ours = {
                "class": " ".join([scheme, *image.classes]),
                "src": link(self.folder, path),
                "alt": image.attributes.get("alt") or "",
                **self._dimensions(path, said),
                "loading": "lazy",  # what is not shown is not fetched: the other scheme, and what lies far below
                "decoding": "async",
            }
            theirs = {**anchor, **said} if scheme == SCHEMES[0] else {name: said[name] for name in said if name != "id"}
            media = {"media": STANDS_IN[entry.kind], "srcset": link(self.folder, other)}
            source = tag("source", media | (self._dimensions(other, {}) if "height" in ours else {}))
            picture = tag("img", ours | theirs)
            html.append(f"<picture>{source}{picture}</picture>" if alone or entry.kind == "FuncAnimation" else picture)
        return "".join(html)

    def _dimensions(self, path: str, said: Attributes) -> Attributes:
        """Width and height, so that nothing moves when the picture arrives; what the author says goes first."""
        found = self.gallery.size(path)
        if found is None or "height" in said:
            return {}
        width, height = found
        if "width" not in said:
            return {"width": str(width), "height": str(height)}
        return {"height": str(round(int(said["width"]) * height / width))} if (said["width"] or "").isdigit() else {}

    def _measured(self, image: Tag) -> str:
        """A picture that was hung before it was built gets its size."""
        said = image.attributes
        return tag("img", said | self._dimensions(resolve(self.folder, said["src"]), said))

    def _caption(self, entry: Entry) -> str:
        """The caption as HTML, its links to other pages made to start from this one."""
        html = caption(entry.caption)
        home = dirname(dirname(entry.name))
        edits = []
        for anchor in tags(html, ("a",)):
            target = resolve(home, anchor.attributes.get("href") or "") or ""
            if target.endswith(".md"):
                _, mark, section = anchor.attributes["href"].partition("#")
                href = link(self.folder, f"{url(target)}{mark}{section}")
                edits.append((anchor.start, anchor.end, tag("a", anchor.attributes | {"href": href})))
        return edited(html, edits)

    def _facts(self, entry: Entry) -> str:
        """The badge, the seed, what was trained for it, the source."""
        source = self._source(entry)
        badge = {"class": f"dl-badge dl-badge--{entry.badge}", "href": source, "title": BADGES[entry.badge]}
        facts = [f"{tag('a', badge)}{entry.badge}</a>"]
        if entry.seed is not None:
            facts.append(f"<span>seed {entry.seed}</span>")
        if entry.recipes:
            recipes = [self.gallery.catalog.recipes[name] for name in entry.recipes]
            names = ", ".join(f'<a href="{quoted(self._source(recipe))}">{recipe.name}</a>' for recipe in recipes)
            facts.append(f"<span>{'trained by' if entry.badge == 'trained' else 'from'} {names}</span>")
        name = {"href": source, "aria-label": f"source of {entry.function}"}
        facts.append(f"{tag('a', name)}source</a>")
        return f'<p class="dl-figure-facts">{" ".join(facts)}</p>'

    def _source(self, entry: Entry) -> str:
        return link(self.folder, source_url(self.gallery.project, entry.file, entry.line))


def hung(image: Tag) -> bool:
    """Whether an image is one of a pair already."""
    return any(scheme in image.classes for scheme in SCHEMES)


@cache
def caption(text: str) -> str:
    """A docstring's Markdown as HTML; formulas are left for the mathematics step."""
    reader = Markdown(extensions=["pymdownx.arithmatex"], extension_configs={"pymdownx.arithmatex": {"generic": True}})
    return reader.convert(text)


def _paragraphs(found: list[Tag]) -> Iterator[tuple[Tag, list[Tag], Tag]]:
    """Each paragraph that holds images: where it begins, the images, where it ends."""
    start, inside = None, []
    for one in found:
        if one.name == "p":
            start, inside = one, []
        elif one.name == "img":
            inside.append(one)
        elif start:
            if inside:
                yield start, inside, one
            start, inside = None, []

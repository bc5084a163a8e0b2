"""The ladder: every page, standing or planned, with the concepts it teaches and those it needs.

It is read from three places: the front matter of the pages, the plan in `docs/shelf/concepts.toml`, and the nav of
`mkdocs.yml`. Reading never raises: what is wrong is in `Ladder.faults`, and a page with faults is on the ladder as far as
it can be understood, so that a live preview goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from manuscript.lines import Fault

from . import front, plan
from .front import RUNGS, Front
from .plan import Plan

PLAN = "shelf/concepts.toml"


@dataclass(frozen=True)
class Page:
    """A page on the ladder; `front` is None for one that is still to come."""

    uri: str
    title: str
    tier: str
    concepts: tuple[str, ...]
    needs: tuple[str, ...] = ()
    minutes: int = 0
    front: Front | None = None

    @property
    def stands(self) -> bool:
        return self.front is not None

    @property
    def rung(self) -> int:
        """0 for the lowest."""
        return RUNGS.index(self.tier)


@dataclass(frozen=True)
class Ladder:
    """Pages in the order they are read, from the lowest rung up."""

    concepts: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    flaws: tuple[Fault, ...] = ()  # of single pages and of the plan

    @classmethod
    def read(cls, docs: Path, config: Path) -> "Ladder":
        """The ladder of a site.

        Args:
            docs: the folder of the pages.
            config: `mkdocs.yml`, for its nav.
        """
        planned = plan.read(docs / PLAN)
        menu = nav(config)
        lessons, flaws = [], list(planned.faults)
        for file in sorted(docs.rglob("*.md")):
            uri = file.relative_to(docs).as_posix()
            folder = uri.partition("/")[0] if uri.partition("/")[0] in RUNGS else ""
            matter = front.read(file)
            if any(part.startswith(".") for part in uri.split("/")) or not (folder or "tier" in matter.values):
                continue
            if not planned.concepts:
                if "tier" in matter.values and not planned.faults:
                    message = f"there is no {PLAN} to say which concepts there are; write one, or leave the tier out"
                    flaws.append(Fault(message, file, matter.line("tier")))
                continue
            flaws += front.check(matter, folder, planned.concepts) + _against_plan(matter, uri, planned)
            if menu is not None and uri not in menu:
                message = f"this page has no place in the nav of {config.name}; add `- {_title(matter)}: {uri}` there"
                flaws.append(Fault(message, file, 1))
            if folder:
                lessons.append(_page(matter, uri, folder, planned))
        standing = {page.uri for page in lessons}
        coming = [
            Page(one.uri, one.title, one.uri.partition("/")[0], one.concepts)
            for one in planned.pages
            if one.uri not in standing
        ]
        order = [*(one.uri for one in planned.pages), *(menu or ())]
        place = {uri: order.index(uri) for uri in order}
        pages = sorted([*lessons, *coming], key=lambda page: (page.rung, place.get(page.uri, len(order)), page.uri))
        return cls(planned.concepts, tuple(pages), tuple(flaws))

    def page(self, uri: str) -> Page | None:
        """The standing page of a Markdown file."""
        return next((page for page in self.pages if page.uri == uri and page.stands), None)

    def teach(self, concept: str, rung: int) -> list[Page]:
        """The pages of a rung that teach a concept."""
        return [page for page in self.pages if page.rung == rung and concept in page.concepts]

    def first(self, page: Page) -> list[Page]:
        """What to read before a page: who teaches its needs, in the order of the ladder."""
        found = {one.uri for concept in page.needs for one in self._teachers(page, concept)}
        return [one for one in self.pages if one.uri in found]

    def beside(self, page: Page, concept: str, step: int) -> list[Page]:
        """Who teaches a concept on the next rung down (`step` −1) or up (1) where anybody does."""
        rungs = range(page.rung + step, len(RUNGS) if step > 0 else -1, step)
        return next((pages for rung in rungs if (pages := self.teach(concept, rung))), [])

    @cached_property
    def faults(self) -> list[Fault]:
        """Everything that is wrong, by file and line."""
        faults = [*self.flaws, *self._untaught(), *self._circles()]
        return sorted(set(faults), key=lambda fault: (str(fault.file), fault.line))

    def _teachers(self, page: Page, concept: str) -> list[Page]:
        """The nearest pages at or below the rung of `page` that teach a concept it needs.

        On its own rung those that come before it, unless there is nobody else. If none of the nearest stands yet, the
        nearest below that do stand are there as well.
        """
        place = self.pages.index(page)
        own = self.teach(concept, page.rung)
        rungs = [[one for one in own if self.pages.index(one) < place]]
        rungs += [self.teach(concept, rung) for rung in range(page.rung - 1, -1, -1)]
        nearest = next(filter(None, rungs), None)
        if nearest is None:
            return [one for one in own if self.pages.index(one) > place]
        if any(one.stands for one in nearest):
            return nearest
        return nearest + next((ready for rung in rungs if (ready := [one for one in rung if one.stands])), [])

    def _untaught(self) -> Iterator[Fault]:
        for page in (page for page in self.pages if page.stands):
            for concept in page.needs:
                if not self._teachers(page, concept):
                    above = [
                        one.title for rung in range(page.rung + 1, len(RUNGS)) for one in self.teach(concept, rung)
                    ]
                    hint = (
                        f"only above it: {', '.join(above)}"
                        if above
                        else "leave it out, or plan a page that teaches it"
                    )
                    line = page.front.names("needs")[concept]
                    message = f"no other page of the rung {page.tier} or below teaches {concept!r}; {hint}"
                    yield Fault(message, page.front.file, line)

    def _circles(self) -> Iterator[Fault]:
        told: set[frozenset[str]] = set()
        for page in (page for page in self.pages if page.stands):
            trail = self._way_back(page, page, ())
            if trail and (members := frozenset(one.uri for one in trail)) not in told:
                told.add(members)
                circle = " → ".join(one.uri for one in [*trail, page])
                message = f"these pages need one another, so that nobody could begin: {circle}; take one need away"
                yield Fault(message, page.front.file, page.front.line("needs"))

    def _way_back(self, start: Page, here: Page, seen: tuple[Page, ...]) -> tuple[Page, ...]:
        """The pages from `start` over their needs back to it, if there is such a way; needs never lead up a rung."""
        for one in self.first(here):
            if one == start:
                return (*seen, here)
            fresh = one.stands and one.rung == start.rung and one not in (*seen, here)
            if fresh and (trail := self._way_back(start, one, (*seen, here))):
                return trail
        return ()


def faults(docs: Path, config: Path) -> list[Fault]:
    """What is wrong with the ladder of a site."""
    return Ladder.read(docs, config).faults


def nav(config: Path) -> list[str] | None:
    """The Markdown files that the nav of `mkdocs.yml` names, in its order; None if every page has a place by itself."""
    try:
        settings = yaml.load(config.read_text("utf-8"), _Settings)
    except (FileNotFoundError, yaml.YAMLError):  # MkDocs itself says what is wrong with its settings
        return None
    menu = settings.get("nav") if isinstance(settings, dict) else None
    return None if menu is None else list(_leaves(menu))


class _Settings(yaml.SafeLoader):
    """Reads `mkdocs.yml` with its tags, such as `!ENV`, left aside."""


_Settings.add_multi_constructor("!", lambda loader, suffix, node: None)
_Settings.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


def _leaves(menu) -> Iterator[str]:
    if isinstance(menu, str):
        yield menu
    else:
        for one in menu.values() if isinstance(menu, dict) else menu or ():
            yield from _leaves(one)


def _page(matter: Front, uri: str, folder: str, planned: Plan) -> Page:
    """A standing page, as far as its front matter can be understood."""
    concepts = matter.names("concepts") or (row.concepts if (row := planned.page(uri)) else ())
    minutes = matter.values["minutes"].value if "minutes" in matter.values else 0
    return Page(
        uri,
        _title(matter),
        folder,
        tuple(name for name in concepts if name in planned.concepts),
        tuple(name for name in matter.names("needs") if name in planned.concepts),
        minutes if type(minutes) is int and minutes > 0 else 0,
        matter,
    )


def _title(matter: Front) -> str:
    """What a page calls itself."""
    if title := matter.values.get("title"):
        return str(title.value)
    lines = matter.file.read_text("utf-8-sig").split("\n")
    return next((line[2:].strip() for line in lines if line.startswith("# ")), matter.file.stem)


def _against_plan(matter: Front, uri: str, planned: Plan) -> list[Fault]:
    """A page that stands must teach what the plan says it teaches; other faults of its list are told elsewhere."""
    row, taught = planned.page(uri), matter.names("concepts")
    said = matter.values.get("concepts")
    if row is None or said is None or (said.value and not {*taught} & {*planned.concepts}):
        return []
    if {*row.concepts} == {*taught} or any(name not in planned.concepts for name in taught):
        return []
    message = f"{PLAN} has this page teach {', '.join(row.concepts) or 'nothing'}; make the two agree"
    return [Fault(message, matter.file, said.line)]

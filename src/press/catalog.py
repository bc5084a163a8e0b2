"""What there is to build, read from the source without importing it.

The path is the registry: `src/figures/intermediate/noise_schedules.py:schedule_curves` is the figure
`intermediate/noise_schedules/schedule_curves`, and `src/recipes/moons.py:moons` is the recipe `moons`.
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from .errors import PressError, PressErrors, known
from .project import Project

# What a return annotation promises: the files it becomes. {} is the figure's name. Of a picture the first two are for
# the light and the dark theme; the next two, one for each, stand in for them on a phone, or where motion is not wanted.
KINDS = {
    "Figure": ("{}.svg", "{}.dark.svg", "{}.narrow.svg", "{}.narrow.dark.svg"),
    "Figure webp": ("{}.webp", "{}.dark.webp", "{}.narrow.webp", "{}.narrow.dark.webp"),
    "FuncAnimation": ("{}.webp", "{}.dark.webp", "{}.still.webp", "{}.still.dark.webp"),
    "dict": ("{}.json",),
    "ndarray": ("{}.npy",),
    "str": ("{}.md",),
    "str css": ("{}.css",),
    "float": ("{}.value",),
    "int": ("{}.value",),
}
PICTURES = {"Figure", "Figure webp", "FuncAnimation"}
NUMBERS = {"float", "int"}
KEPT_BACK = (".md", ".value")  # texts and numbers stand in the pages; nobody fetches their files
LITERAL = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Tuple, ast.List, ast.Subscript)
ARITHMETIC = {"float", "int", "round", "abs", "min", "max", "sum", "pow", "divmod"}
BADGES = ("exact", "trained", "recalls", "precomputed")
HELPERS = {"style"}  # modules of src/figures that draw nothing themselves
FIELD = re.compile(r"^(badge):[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A function the press can run.

    Attributes:
        name: `intermediate/noise_schedules/schedule_curves` for a figure, `moons` for a recipe.
        module: importable name of the module that holds it.
        function: its name in that module.
        file: the source file.
        line: first line of the function; `end` is its last.
        kind: a key of `KINDS`, or "recipe".
        seed: what the press seeds the random generators with; None if the function draws no random numbers.
        recipes: the recipes it asks for by parameter name.
        device: whether it asks for the device.
        caption: Markdown of the docstring, without fields.
        badge: one of `BADGES` for a picture, else "".
    """

    name: str
    module: str
    function: str
    file: Path
    line: int
    end: int
    kind: str
    seed: int | None = None
    recipes: tuple[str, ...] = ()
    device: bool = False
    caption: str = ""
    badge: str = ""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Site paths of the files it becomes."""
        return tuple(pattern.format(self.name) for pattern in KINDS.get(self.kind, ()))

    @property
    def picture(self) -> bool:
        return self.kind in PICTURES

    @property
    def number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True)
class Catalog:
    """Every figure and every recipe of a project, by name."""

    figures: dict[str, Entry] = field(default_factory=dict)
    recipes: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def scan(cls, project: Project) -> "Catalog":
        """Read the project's figures and recipes.

        Raises:
            PressErrors: with every fault found, each with its file and line.
        """
        errors: list[PressError] = []
        catalog = cls()
        for file in sorted(project.recipes.glob("[!_]*.py")):
            for entry in _entries(project, file, errors):
                if entry.function == file.stem:
                    catalog.recipes[entry.name] = entry
            if file.stem not in catalog.recipes:
                errors.append(
                    PressError(f"a recipe file holds a function of its own name: def {file.stem}(…)", file, 1)
                )
        for file in sorted(project.figures.rglob("[!_]*.py")):
            if file.stem in HELPERS:
                continue
            for entry in _entries(project, file, errors):
                catalog.figures[entry.name] = entry
        for entry in (*catalog.recipes.values(), *catalog.figures.values()):
            errors += catalog._faults(entry)
        if errors:
            raise PressErrors(errors)
        return catalog

    def __getitem__(self, name: str) -> Entry:
        entry = self.figures.get(name) or self.recipes.get(name)
        ending = [figure for full, figure in self.figures.items() if full.endswith(f"/{name}")]
        if entry is None and len(ending) == 1:  # the function's name alone will do where it is the only one
            return ending[0]
        if entry is None:
            raise PressError(f"no figure or recipe is called {name!r}; {known({*self.figures, *self.recipes})}")
        return entry

    def by_output(self) -> dict[str, Entry]:
        """Site path → the figure that becomes it."""
        return {path: entry for entry in self.figures.values() for path in entry.outputs}

    def published(self) -> list[str]:
        """Site paths of the files that readers fetch."""
        return [path for path in self.by_output() if not path.endswith(KEPT_BACK)]

    def closure(self, entry: Entry) -> list[Entry]:
        """The recipes `entry` needs, each after the recipes it needs itself (`scan` has seen to it that none is circular)."""
        order: dict[str, Entry] = {}

        def visit(one: Entry) -> None:
            for name in one.recipes:
                visit(self.recipes[name])
                order.setdefault(name, self.recipes[name])

        visit(entry)
        return list(order.values())

    def _faults(self, entry: Entry) -> list[PressError]:
        message = ""
        if unknown := [name for name in entry.recipes if name not in self.recipes]:
            message = f"{entry.function} asks for {unknown[0]!r}, and no recipe is called that; {known(self.recipes)}"
        elif entry.badge == "exact" and entry.recipes:
            message = f"{entry.function} wears the badge exact but is drawn from a recipe ({', '.join(entry.recipes)})"
        elif entry.kind == "recipe" and (circle := self._circle((entry.name,))):
            message = f"recipes ask for each other in a circle: {' → '.join(circle)}"
        return [PressError(message, entry.file, entry.line)] if message else []

    def _circle(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The way from a recipe back to itself, told once: at the recipe that comes first in the alphabet."""
        for name in self.recipes[path[-1]].recipes if path[-1] in self.recipes else ():
            if name == path[0]:
                return (*path, name)
            if name > path[0] and name not in path and (found := self._circle((*path, name))):
                return found
        return ()


def _entries(project: Project, file: Path, errors: list[PressError]) -> list[Entry]:
    """The public functions of one file."""
    try:
        tree = ast.parse(file.read_text("utf-8"), str(file))
    except SyntaxError as error:
        errors.append(PressError(f"not Python: {error.msg}", file, error.lineno))
        return []
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            try:
                found.append(_entry(project, file, node))
            except PressError as error:
                errors.append(error)
    return found


def _entry(project: Project, file: Path, node: ast.FunctionDef) -> Entry:
    recipe = file.is_relative_to(project.recipes)
    seed, wanted = _parameters(file, node)
    kind = "recipe" if recipe else _kind(file, node)
    doc = ast.get_docstring(node) or ""
    fields = dict(FIELD.findall(doc))
    caption, badge = FIELD.sub("", doc).strip(), fields.get("badge", "").strip()
    recipes = tuple(name for name in wanted if name != "device")
    if kind in PICTURES:
        _check_picture(file, node, caption, badge, recipes)
    if kind in NUMBERS and _typed(node):
        message = (
            f"{node.name} returns a number that somebody typed; compute it, or write it in the page with its source"
        )
        raise PressError(message, file, node.lineno)
    module = ".".join(file.relative_to(project.src).with_suffix("").parts)
    page = file.relative_to(project.figures if not recipe else project.recipes).with_suffix("").as_posix()
    return Entry(
        name=node.name if recipe else f"{page}/{node.name}",
        module=module,
        function=node.name,
        file=file,
        line=min([node.lineno, *(d.lineno for d in node.decorator_list)]),
        end=node.end_lineno or node.lineno,
        kind=kind,
        seed=seed,
        recipes=recipes,
        device="device" in wanted,
        caption=caption,
        badge=badge,
    )


def _parameters(file: Path, node: ast.FunctionDef) -> tuple[int | None, tuple[str, ...]]:
    """The seed, and the names asked for: recipes and `device`."""
    args = node.args
    if args.vararg or args.kwarg or args.posonlyargs:
        raise PressError(f"{node.name} may take recipes, device and seed by name, nothing else", file, node.lineno)
    names = [*args.args, *args.kwonlyargs]
    defaults = [None] * (len(args.args) - len(args.defaults)) + args.defaults + args.kw_defaults
    seed, wanted = None, []
    for arg, default in zip(names, defaults, strict=True):
        if default is None:
            wanted.append(arg.arg)
        elif arg.arg == "seed" and isinstance(default, ast.Constant) and type(default.value) is int:
            seed = default.value
        else:
            message = f"{node.name}: only `seed: int = NUMBER` may have a default, not {arg.arg!r}"
            raise PressError(message, file, arg.lineno)
    return seed, tuple(wanted)


def _kind(file: Path, node: ast.FunctionDef) -> str:
    """The return annotation as a key of `KINDS`: `Figure`, or `Annotated[Figure, "webp"]`."""
    note = node.returns
    form = ""
    if isinstance(note, ast.Subscript) and ast.unparse(note.value).split(".")[-1] == "Annotated":
        note, form = note.slice.elts[0], f" {ast.literal_eval(note.slice.elts[1])}"
    kind = (ast.unparse(note).split(".")[-1] if note else "") + form
    if kind not in KINDS:
        choices = ["Annotated[{}, {!r}]".format(*k.split()) if " " in k else k for k in KINDS]
        said = f"-> {ast.unparse(node.returns)}" if node.returns else "no return annotation"
        message = f"{node.name} has {said}; it picks the file and must be one of {', '.join(choices)}"
        raise PressError(f"{message} (or begin the name with _ if it is a helper)", file, node.lineno)
    return kind


def _check_picture(file: Path, node: ast.FunctionDef, caption: str, badge: str, recipes: tuple[str, ...]) -> None:
    fault = ""
    if not caption:
        fault = "has no docstring, and the docstring is the caption"
    elif badge not in BADGES:
        said = f"badge {badge!r}" if badge else "no badge"
        fault = f"has {said}; end its docstring with `badge: NAME`, NAME one of {', '.join(BADGES)}"
    elif badge == "trained" and not recipes:
        fault = "wears the badge trained but asks for no recipe, so nothing was trained"
    if fault:
        raise PressError(f"{node.name} {fault}", file, node.lineno)


def _typed(node: ast.FunctionDef) -> bool:
    """Whether a function does nothing but arithmetic on numbers written in it."""
    local = {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}

    def literal(part: ast.expr | None) -> bool:
        if isinstance(part, ast.Name):
            return part.id in local
        if isinstance(part, ast.Call):
            if not (isinstance(part.func, ast.Name) and part.func.id in ARITHMETIC):
                return False
        elif not isinstance(part, LITERAL):
            return part is None
        inside = [one for one in ast.iter_child_nodes(part) if isinstance(one, ast.expr) and one is not _callee(part)]
        return all(map(literal, inside))

    plain = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)
    return all(isinstance(one, plain) and literal(one.value) for one in node.body)


def _callee(part: ast.expr) -> ast.expr | None:
    return part.func if isinstance(part, ast.Call) else None

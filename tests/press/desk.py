"""A small project of its own for each test: two pages, a shared helper, a recipe that needs a recipe."""

from concurrent.futures import Executor, Future
from pathlib import Path
from textwrap import dedent

from press.build import Press, build
from press.project import Project

FILES = {
    "requirements.lock": "torch==2.13.0\n",
    "src/maths/__init__.py": '"""Maths."""\n',
    "src/maths/curves.py": '"""Curves."""\n\n\ndef square(x):\n    """Square it."""\n    return x * x\n',
    "src/maths/other.py": "HALF = 0.5\n",
    "src/figures/style.py": """
        from contextlib import contextmanager

        import matplotlib.pyplot as plt

        READS = ["palette.toml"]


        @contextmanager
        def theme(name):
            with plt.rc_context({"figure.facecolor": "white" if name == "light" else "black"}):
                yield
        """,
    "src/figures/palette.toml": "ink = 'black'\n",
    "src/figures/one/page.py": '''
        from typing import Annotated

        import matplotlib.pyplot as plt
        from matplotlib.figure import Figure

        from maths.curves import square


        def parabola() -> Figure:
            """A parabola.

            badge: exact
            """
            figure, axes = plt.subplots(figsize=(2, 1))
            axes.plot(range(4), [square(x) for x in range(4)])
            return figure


        def dots(seed: int = 3) -> Annotated[Figure, "webp"]:
            """Random dots.

            badge: exact
            """
            import torch

            figure, axes = plt.subplots(figsize=(2, 1))
            axes.scatter(*torch.randn(2, 9))
            return figure
        ''',
    "src/figures/two/page.py": """
        def numbers(line) -> dict:
            return {"slope": line["slope"], "half": 0.5}
        """,
    "src/recipes/line.py": "def line(base):\n    return {'slope': base + 1}\n",
    "src/recipes/base.py": "from maths.other import HALF\n\n\ndef base(device):\n    return HALF * 4\n",
}


class Inline(Executor):
    """Runs each job at once in this process: the plainest executor there is."""

    def submit(self, function, *args):
        future = Future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class Desk:
    """A project with helpers to edit and build it."""

    def __init__(self, root: Path):
        self.project = Project(root)
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        path = self.project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.project.root / name).read_text("utf-8")
        assert old in text
        (self.project.root / name).write_text(text.replace(old, new), "utf-8")

    def press(self) -> Press:
        return Press(self.project, "cpu")

    def build(self, *names: str) -> int:
        return build(self.press(), names or None, workers=1, executor=Inline)

    def stale(self) -> dict[str, str]:
        """Name → why, of all that would be run now."""
        return {task.name: task.why for task in self.press().plan() if task.why}

    def published(self) -> dict[str, bytes]:
        out = self.project.out
        return {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}

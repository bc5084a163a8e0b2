"""`press build | list | why NAME | clean | doctor | finish SITE`."""

import sys
from pathlib import Path

import click

from .build import Press, build
from .errors import PressError
from .pages import unused
from .progress import report
from .project import Project
from .store import prune_files


class Group(click.Group):
    """Ends on a PressError with its text and exit status 1, instead of a traceback."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except PressError as error:
            click.echo(f"press: {error}", err=True)
            sys.exit(1)


@click.group(cls=Group)
@click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), help="Checkout to work on (default: around here)."
)
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Turn the functions in src/figures into the pictures, numbers and data of the site."""
    ctx.obj = Project.find(root)


@main.command("build")
@click.argument("names", nargs=-1)
@click.option("--workers", type=click.IntRange(min=1), help="Jobs at once (default: one a core).")
@click.pass_obj
def build_(project: Project, names: tuple[str, ...], workers: int | None) -> None:
    """Bring figures up to date: all of them, or NAMES."""
    press = Press(project)
    run = build(press, names or None, workers, report())
    click.echo(f"{run} run, {len(names or press.catalog.figures)} figures up to date, on {press.device}")


@main.command("list")
@click.pass_obj
def list_(project: Project) -> None:
    """Every figure and recipe, and whether it is stale."""
    press = Press(project)
    for error in unused(project, press.catalog):
        click.echo(f"note  {error}", err=True)
    for entry in (*press.catalog.recipes.values(), *press.catalog.figures.values()):
        task, seconds = press.task(entry), press.facts(entry).get("seconds")
        took = f"{seconds:8.2f} s" if seconds is not None else " " * 10
        click.echo(f"{'stale' if task.why else 'fresh'} {took}  {entry.name}  {entry.badge or entry.kind}")


@main.command()
@click.argument("name")
@click.pass_obj
def why(project: Project, name: str) -> None:
    """Why NAME is stale, or what would make it so."""
    press = Press(project)
    task = press.task(press.catalog[name])
    click.echo(f"{name} is stale: {task.why}" if task.why else f"{name} is fresh. It depends on:")
    for part, digest in sorted(task.parts.items()):
        click.echo(f"  {digest[:12]:40} {part}" if len(digest) == 64 else f"  {digest:40} {part}")


@main.command()
@click.option("--days", default=30.0, show_default=True, type=click.FloatRange(min=0), help="Keep what is younger.")
@click.option("--all", "everything", is_flag=True, help="Drop what is in use too.")
@click.pass_obj
def clean(project: Project, days: float, everything: bool) -> None:
    """Drop old entries of the store that no figure uses now, and old typeset formulas."""
    press = Press(project)
    used = {press.task(e).key for e in (*press.catalog.figures.values(), *press.catalog.recipes.values())}
    days = 0 if everything else days
    entries, size = press.store.prune(set() if everything else used, days)
    size += prune_files(project.cache / "math", days)
    click.echo(f"dropped {entries} entries, {size / 2**20:.1f} MiB")


@main.command("doctor")
@click.pass_obj
def doctor_(project: Project) -> None:
    """Check that this machine can build the site."""
    from .doctor import checks

    bad = 0
    for good, text in checks(project):
        click.echo(f"{'ok ' if good else 'BAD'} {text}")
        bad += not good
    sys.exit(1 if bad else 0)


@main.command()
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def finish(project: Project, site: Path) -> None:
    """Finish a site that a generator rendered into SITE: figures, mathematics, policy, checks."""
    from .finish import finish as run

    run(project, site.resolve())

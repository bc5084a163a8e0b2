"""Where things are: pages, the files they point to, and the Markdown they were made from.

A *site path* is relative to the root of the site: `intermediate/noise_schedules/index.html`. Pages point to one another
by relative links, so that the site works under any sub-path.
"""

from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from urllib.parse import quote, unquote, urlsplit

from .project import Project


def resolve(folder: str, url: str) -> str | None:
    """The site path that `url` means in a page whose links start from `folder`; None if it leads out of the site."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return None
    path = normpath(join(folder, unquote(parts.path)))
    return None if path.startswith("..") else path


def link(folder: str, target: str) -> str:
    """The relative link from `folder` to a site path, which may be a folder (`a/b/`, or "" for the root) and have an anchor."""
    path, mark, anchor = target.partition("#")
    slash = "/" if path.endswith("/") or not path else ""
    return quote(relpath(f"/{path}", f"/{folder}")) + slash + mark + anchor


def folder(page: str) -> str:
    """Where the links of a page of the site start from: `a/b` for `a/b/index.html`."""
    return dirname(page)


def url(markdown: str) -> str:
    """The address of a Markdown file's page: `a/b/` for `a/b.md` and for `a/b/index.md`."""
    stem = markdown.removesuffix(".md")
    head, _, name = stem.rpartition("/")
    stem = head if name in ("index", "README") else stem
    return f"{stem}/" if stem else ""


def markdown(project: Project, page: str) -> Path | None:
    """The file in `docs/` that a page of the site was made from, if there is one."""
    stem = page.removesuffix(".html")
    stems = [stem] if not (stem == "index" or stem.endswith("/index")) else [stem, stem[:-6], f"{stem[:-5]}README"]
    files = [project.docs / f"{one}.md" for one in stems if one]
    return next((file for file in files if file.is_file()), None)

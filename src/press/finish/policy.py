"""The Content-Security-Policy: what a page may load and run, in a meta tag because a static host may send no headers.

Only the site's own files, and inline scripts and styles by their hash. Every page carries the same policy, the union
over the site: moving between pages without a full load keeps the policy of the first page while scripts of the next one
run, and a second, different policy in the head would be enforced on top of it.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable

from .html import edited, tag, tags

POLICY = """
    default-src 'none'; script-src 'self' {script}; style-src 'self' {style}; style-src-attr 'unsafe-inline';
    img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self';
    base-uri 'self'; form-action 'none'
"""
NAME = "Content-Security-Policy"


def policy(pages: Iterable[str]) -> str:
    """The policy that lets exactly the inline scripts and styles of these finished pages run."""
    hashes: dict[str, set[str]] = {"script": set(), "style": set()}
    for text in pages:
        for inline in tags(text, hashes):
            if "src" not in inline.attributes and "json" not in (inline.attributes.get("type") or ""):
                hashes[inline.name].add(_hash(inline.body))
    words = POLICY.format(**{name: " ".join(sorted(found)) for name, found in hashes.items()})
    return " ".join(words.split()).replace(" ;", ";")


def guarded(text: str, words: str) -> str:
    """The page with the policy ahead of everything it governs, in place of the one it had."""
    meta = tag("meta", {"http-equiv": NAME, "content": words})
    head = list(tags(text, ("head", "meta")))
    old = [one for one in head if (one.attributes.get("http-equiv") or "").lower() == NAME.lower()]
    if old:
        return edited(text, [(old[0].start, old[0].end, meta)])
    charset = [one for one in head if "charset" in one.attributes]
    start = (charset or [one for one in head if one.name == "head"])[:1]
    return edited(text, [(one.end, one.end, meta) for one in start])


def _hash(body: str) -> str:
    content = body.replace("\r\n", "\n").replace("\r", "\n").encode()  # as a browser reads it
    return f"'sha256-{b64encode(hashlib.sha256(content).digest()).decode()}'"

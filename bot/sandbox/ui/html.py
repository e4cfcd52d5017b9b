"""One way to make markup: `tag` escapes every text and attribute it is given, so nothing else has to remember to."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from markupsafe import Markup, escape

VOID = frozenset({"br", "hr", "img", "input"})
SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "slack"})

Attribute = str | int | float | bool | None
Child = str | Markup | None


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element. Children are escaped unless they already are Markup; `None` is left out.

    Attribute names lose a trailing underscore (`class_`, `for_`), inner ones become hyphens (`data_ts`, `aria_label`);
    `True` writes the bare name, `False` and `None` leave the attribute out.
    """
    opening = f"<{name}{attributes_of(attributes)}>"
    if name in VOID:
        return Markup(opening)  # noqa: S704 - names are written in this package, values were escaped one by one
    return Markup(f"{opening}{join(children)}</{name}>")  # noqa: S704 - as above, and `join` escapes


def attributes_of(attributes: Mapping[str, Attribute]) -> str:
    """The attributes as they stand in an opening tag, each with a leading space."""
    written = []
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        plain = name.rstrip("_").replace("_", "-")
        written.append(f" {plain}" if value is True else f' {plain}="{escape(str(value))}"')
    return "".join(written)


def join(children: Iterable[Child], separator: Markup | None = None) -> Markup:
    """Children one after the other, escaped where they are plain text."""
    escaped = (escape(child) for child in children if child is not None)
    return Markup((separator or "").join(escaped))  # noqa: S704 - every part was escaped in the line above


def safe_url(url: str) -> str | None:
    """The address when a browser may follow it, None for schemes that run code or read files."""
    try:
        scheme = urlsplit(url.strip()).scheme.lower()
    except ValueError:
        return None
    if scheme in SAFE_SCHEMES:
        return url.strip()
    return None


def safe_image(url: str) -> str | None:
    """Like `safe_url`, for pictures: only the web and paths of this server."""
    if url.startswith("/") and not url.startswith("//"):
        return url
    try:
        return url if urlsplit(url).scheme.lower() in {"http", "https"} else None
    except ValueError:
        return None

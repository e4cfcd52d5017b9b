"""Line drawings that stand beside words, never instead of them."""

from markupsafe import Markup

from bot.sandbox.ui.html import tag

PATHS = {
    "info": "M12 11v6M12 7.5v.5M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
    "success": "m8 12.5 2.7 2.7L16 9.5M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
    "warning": "M12 10v4M12 17v.3M12 4 2.8 20h18.4z",
    "error": "m9 9 6 6M15 9l-6 6M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
    "file": "M14 3H7v18h11V7zM14 3v4h4",
    "film": "M5 5h14v14H5zM10.5 9.2v5.6l4.6-2.8z",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "guide": "M5 5h14v14H5zM8.5 9.5l1.2 1.2 2-2.2M13.5 10h2.5M8.5 14.5l1.2 1.2 2-2.2M13.5 15h2.5",
    "journal": "M9 5H7v14h2M15 5h2v14h-2M12 9v6",
    "faults": "M13 3 5 14h6l-1 7 8-11h-6z",
    "theme": "M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z",
    "send": "M4 12 20 5l-5 15-3.5-6z",
    "close": "M6 6l12 12M18 6 6 18",
    "lock": "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
    "down": "m7 10 5 5 5-5",
    "out": "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
    "reply": "M4 5h16v11h-9l-4 4v-4H4z",
    "eye": "M2.5 12Q7 5.5 12 5.5T21.5 12Q17 18.5 12 18.5T2.5 12zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
}


def sign(name: str) -> Markup:
    """A drawing by name, hidden from screen readers."""
    drawn = tag("path", d=PATHS[name])
    return tag("svg", drawn, class_=f"i i-{name}", viewBox="0 0 24 24", aria_hidden="true", focusable="false")

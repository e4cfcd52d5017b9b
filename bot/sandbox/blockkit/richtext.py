"""rich_text: sections, lists, quotes and preformatted text, and what may stand in them."""

from bot.sandbox.blockkit.composition import BLOCK_ID, URL
from bot.sandbox.blockkit.rules import among, characters, flag, items, may, must, one_of_types, shape, whole

_MOST = 1_000
_STYLE = may(
    "style",
    shape(
        *(may(name, flag) for name in ("bold", "italic", "strike", "code", "underline", "highlight")),
        *(may(name, flag) for name in ("client_highlight", "unlink")),
    ),
)
_ID = characters(255)

_INLINE = one_of_types(
    {
        "text": shape(must("text", characters(40_000)), _STYLE),
        "link": shape(must("url", URL), may("text", characters(40_000, 0)), may("unsafe", flag), _STYLE),
        "emoji": shape(must("name", characters(255)), may("unicode", characters(255)), may("skin_tone", whole(1, 6))),
        "user": shape(must("user_id", _ID), _STYLE),
        "usergroup": shape(must("usergroup_id", _ID), _STYLE),
        "channel": shape(must("channel_id", _ID), _STYLE),
        "team": shape(must("team_id", _ID), _STYLE),
        "broadcast": shape(must("range", among("here", "channel", "everyone")), _STYLE),
        "color": shape(must("value", characters(7))),
        "date": shape(
            must("timestamp", whole(0, 99_999_999_999)),
            must("format", characters(255)),
            may("url", URL),
            may("fallback", characters(3_000)),
            _STYLE,
        ),
    },
)
_SECTION = shape(must("elements", items(_INLINE, _MOST, 0)))

_PARTS = one_of_types(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": shape(
            must("elements", items(one_of_types({"rich_text_section": _SECTION}), _MOST)),
            must("style", among("bullet", "ordered")),
            may("indent", whole(0, 8)),
            may("offset", whole(0, 1_000_000)),
            may("border", whole(0, 1)),
        ),
        "rich_text_preformatted": shape(
            must("elements", items(_INLINE, _MOST, 0)),
            may("border", whole(0, 1)),
            may("language", characters(255)),
        ),
        "rich_text_quote": shape(must("elements", items(_INLINE, _MOST, 0)), may("border", whole(0, 1))),
    },
)

RICH_TEXT = shape(must("elements", items(_PARTS, _MOST, 0)), BLOCK_ID)

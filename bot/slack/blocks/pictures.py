"""The words on pictures, and pictures' text twins as Slack's tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date

from bot.core.picture_texts import TextTable, tables
from bot.core.pictures import Picture, PictureWords
from bot.slack.blocks.kit import Block, section, table
from bot.slack.words import Words


def picture_words(words: Words) -> PictureWords:
    """Each field is the message of its own name."""
    return PictureWords(**{one.name: words(f"pictures.{one.name}") for one in fields(PictureWords)})


def short_day(words: Words) -> Callable[[date], str]:
    return lambda on: words("pictures.day", on=on)


def twins(picture: Picture) -> list[Block]:
    """The picture as tables, one block each (a message takes one); as plain lines where Slack's limits are passed."""
    return [table(one.header, one.rows) or section(_lines(one)) for one in tables(picture)]


def _lines(one: TextTable) -> str:
    rows = ("; ".join(f"{head}: {cell}" for head, cell in zip(one.header, row, strict=True)) for row in one.rows)
    return "\n".join(rows)

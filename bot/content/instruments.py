"""Reads instrument files: what is asked, what each answer scores, and whether a meaning changed unnoticed."""

from __future__ import annotations

from pathlib import Path

from bot.content.messages import checked_template
from bot.content.problems import Problems
from bot.content.source import Entry, read_mapping
from bot.content.templates import Place, Renderer
from bot.core.instrument import DIMENSIONS, Bands, Dimension, Instrument, Item, Option, Target

LONGEST_NAME = "Emergency department physicians"
ITEM_VARIABLES: dict[Target, dict[str, str]] = {
    Target.TIE: {"workgroup": f"Your own group ({LONGEST_NAME})", "process": "Discharge of older patients"},
    Target.TEAM: {"team": "Ward 12 West, medicine and geriatrics"},
    Target.CHANGE: {"change": "Discharge decided before eleven in the morning, on every ward"},
}
"""What an item about a tie, a team or a change may and must mention, with long examples."""


def read_instrument(file: Path, language: str, renderer: Renderer, problems: Problems) -> Instrument | None:
    entry = read_mapping(file, problems)
    if entry is None:
        return None
    scales = _read_scales(entry)
    instrument = Instrument(
        id=entry.text("id"),
        version=entry.text("version"),
        language=language,
        provenance=entry.text("provenance"),
        licence=entry.text("licence"),
        items=tuple(
            item for body in entry.entries("items") if (item := _read_item(body, scales, renderer)) is not None
        ),
        between=_read_bands(entry, "between"),
        within=_read_bands(entry, "within"),
    )
    _check_items(entry, instrument)
    _check_version(entry, instrument)
    entry.finish()
    return instrument


def _read_scales(entry: Entry) -> dict[str, tuple[Option, ...]]:
    scales = entry.entry("scales")
    if scales is None:
        return {}
    return {name: _read_options(scales, name) for name in scales.names()}


def _read_options(scales: Entry, name: str) -> tuple[Option, ...]:
    options = []
    for body in scales.entries(name):
        options.append(Option(body.text("label"), body.whole_number("score", least=1, most=5)))
        if len(options[-1].label) > 75:
            body.report("an answer's label takes 75 characters at most: make it shorter.", at="label")
        body.finish()
    if sorted(option.score for option in options) != list(range(1, 6)):
        scales.report(f"the scale “{name}” needs five options with the scores 1 to 5, each once.", at=name)
    return tuple(options)


def _read_item(entry: Entry, scales: dict[str, tuple[Option, ...]], renderer: Renderer) -> Item | None:
    target = entry.choice("target", Target)
    dimension = entry.choice("dimension", Dimension) if entry.has("dimension") else None
    scale = entry.text("scale")
    item = Item(
        id=entry.text("id"),
        target=target or Target.TIE,
        text=entry.text("text"),
        options=scales.get(scale, ()),
        dimension=dimension,
        construct=entry.optional_text("construct"),
        every_rounds=entry.whole_number("every_rounds", least=1, most=104) if entry.has("every_rounds") else None,
    )
    entry.finish()
    if target is None:
        return None
    if scale not in scales:
        entry.report(f"there is no scale “{scale}”: use one of {', '.join(scales)}.", at="scale")
    _check_kind(entry, item)
    used = {
        name: sample for name, sample in ITEM_VARIABLES[target].items() if name != "process" or "process" in item.text
    }
    checked_template(entry, "text", item.text, place=Place.SECTION, sample=used, renderer=renderer)
    return item


def _check_kind(entry: Entry, item: Item) -> None:
    if item.target is Target.TIE and (item.dimension is None or item.every_rounds is not None):
        entry.report("an item about a tie has a dimension, and no rhythm of its own (remove every_rounds).")
    if item.target is not Target.TIE and (item.construct is None or item.every_rounds is None or item.dimension):
        entry.report("a companion item has a construct and every_rounds, and no dimension.")


def _read_bands(entry: Entry, name: str) -> Bands:
    bands = entry.entry("bands")
    body = bands.entry(name) if bands else None
    if body is None:
        return Bands(0.0, 0.0)
    result = Bands(body.number("weak_below"), body.number("strong_above"))
    body.finish()
    if not 1 < result.weak_below <= result.strong_above < 5:
        body.report("weak_below must not be above strong_above, and both lie between 1 and 5.")
    return result


def _check_items(entry: Entry, instrument: Instrument) -> None:
    ids = [item.id for item in instrument.items]
    for repeated in sorted({item_id for item_id in ids if ids.count(item_id) > 1}):
        entry.report(f"two items have the id “{repeated}”: give one of them another.", at="items")
    asked = {item.dimension for item in instrument.tie_items}
    for dimension in DIMENSIONS:
        if dimension not in asked:
            entry.report(f"no item asks about “{dimension}”: every instrument needs all seven dimensions.", at="items")


def _check_version(entry: Entry, instrument: Instrument) -> None:
    """Each version's hash is written down once; an edit that changes what an answer means no longer fits it."""
    recorded: dict[str, str] = {}
    for body in entry.entries("versions"):
        version, content_hash = body.text("version"), body.text("content_hash")
        body.finish()
        if version in recorded:
            body.report(f"version “{version}” is recorded twice: remove one.")
        recorded[version] = content_hash
    paste = f'- {{version: "{instrument.version}", content_hash: "{instrument.content_hash}"}}'
    if instrument.version not in recorded:
        entry.report(
            f"version “{instrument.version}” is not recorded: add under “versions” the line  {paste}", at="version"
        )
    elif recorded[instrument.version] != instrument.content_hash:
        entry.report(
            f"words, options or scores differ from what version “{instrument.version}” recorded, so that its answers "
            "would change their meaning. Undo the edit, or raise “version” and add under “versions” a line with the "
            f"hash {instrument.content_hash}",
            at="version",
        )


def check_translation(file: Path, translated: Instrument, original: Instrument, problems: Problems) -> None:
    """A translation asks the same things: same version, same items in the same order, same scores."""
    if translated.version != original.version:
        problems.add(file, 0, f"the original is at version “{original.version}”: translate that version.")
        return
    shape = [(item.id, item.target, item.dimension, [o.score for o in item.options]) for item in translated.items]
    if shape != [(item.id, item.target, item.dimension, [o.score for o in item.options]) for item in original.items]:
        problems.add(file, 0, "items, targets and scores must be those of the original, in the same order.")

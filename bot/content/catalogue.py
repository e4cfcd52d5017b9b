"""All words of the product, loaded once, checked as a whole, and rendered on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.content.edits import problems_of
from bot.content.instruments import check_translation, read_instrument
from bot.content.library import Library, LibraryReader
from bot.content.messages import Message, read_calendar, read_messages
from bot.content.problems import Problems
from bot.content.structure import check_library, check_structure, check_translated_messages
from bot.content.templates import LIMITS, Place, Renderer, clip, render
from bot.core.coaching import CoachingLibrary
from bot.core.instrument import Instrument
from bot.core.library import HuddlePrompt, Nudge, Playbook

ORIGINAL = "en"
"""The language in which everything exists; what a translation lacks is said in it."""


@dataclass(frozen=True)
class Content:
    """The words. ``Content.load`` is the only way in; every method takes a language such as ``en`` or ``de-AT``."""

    _renderers: Mapping[str, Renderer]
    _messages: Mapping[str, Mapping[str, Message]]
    _instruments: Mapping[tuple[str, str], Instrument]
    _libraries: Mapping[str, Library]

    @classmethod
    def load(cls, root: Path, *, extra_instruments: Sequence[Path] = ()) -> Content:
        """Reads ``root/<language>/…``. Raises ``ContentError`` with every problem found."""
        problems = Problems()
        languages = check_structure(root, ORIGINAL, problems)
        loaded = cls(_renderers={}, _messages={}, _instruments={}, _libraries={})
        for language in languages:
            folder = root / language
            renderer = Renderer(read_calendar(folder, problems))
            loaded = cls(
                _renderers={**loaded._renderers, language: renderer},
                _messages={**loaded._messages, language: read_messages(folder / "messages", renderer, problems)},
                _instruments={
                    **loaded._instruments,
                    **_read_instruments(sorted((folder / "instruments").glob("*.yaml")), language, renderer, problems),
                },
                _libraries={**loaded._libraries, language: LibraryReader(renderer, problems).read(folder)},
            )
        if ORIGINAL in loaded._renderers:
            extra = _read_instruments(extra_instruments, ORIGINAL, loaded._renderers[ORIGINAL], problems)
            loaded = cls(loaded._renderers, loaded._messages, {**loaded._instruments, **extra}, loaded._libraries)
        loaded._check_as_a_whole(root, problems)
        problems.raise_if_any()
        return loaded._with_fallbacks()

    def words(self, key: str, language: str = ORIGINAL, /, **variables: Any) -> str:
        """The message, filled in and no longer than its place allows. ``Mrkdwn`` where the place takes mrkdwn.

        Raises KeyError for an unknown key, and TypeError unless exactly the message's variables are given.
        """
        message = self._message(key, language)
        if variables.keys() != message.variables:
            missing, surplus = (
                sorted(message.variables - variables.keys()),
                sorted(variables.keys() - message.variables),
            )
            raise TypeError(f"{key}: missing variables {missing}, surplus variables {surplus}")
        text = render(message.template, message.place, variables)
        limit = LIMITS[message.place]
        return text if len(text) <= limit else type(text)(clip(text, limit))

    def fill(self, text: str, language: str = ORIGINAL, /, **variables: Any) -> str:
        """A library text (an item, a prompt, a nudge) with its names filled in; surplus names do no harm."""
        renderer = self._renderers[self._spoken(language, self._renderers)]
        return render(renderer.compile(text, Place.SECTION), Place.SECTION, variables)

    def has(self, key: str) -> bool:
        return key in self._messages[ORIGINAL]

    def place_of(self, key: str) -> Place:
        return self._messages[ORIGINAL][key].place

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._messages[ORIGINAL])

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._renderers)

    def instrument(self, instrument_id: str, language: str = ORIGINAL) -> Instrument:
        """Raises KeyError for an instrument that no file holds."""
        spoken = self._spoken(language, {lang for name, lang in self._instruments if name == instrument_id})
        return self._instruments[instrument_id, spoken]

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(instrument for (_, lang), instrument in self._instruments.items() if lang == ORIGINAL)

    def library(self, language: str = ORIGINAL) -> Library:
        """The coaches' library in one language; entries that are not translated come in the original's words."""
        return self._libraries[self._spoken(language, self._libraries)]

    def problems_of(self, entry: Nudge | HuddlePrompt, language: str = ORIGINAL) -> dict[str, str]:
        """What is wrong with a coach's wording, by field (see ``bot.content.edits``); empty where it may be used."""
        return problems_of(entry, self._renderers[self._spoken(language, self._renderers)])

    @property
    def nudges(self) -> tuple[Nudge, ...]:
        return self.library().nudges

    @property
    def huddles(self) -> tuple[HuddlePrompt, ...]:
        return self.library().huddles

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        return self.library().playbooks

    @property
    def coaching(self) -> CoachingLibrary:
        return self.library().coaching

    def _with_fallbacks(self) -> Content:
        libraries = {language: library.over(self._libraries[ORIGINAL]) for language, library in self._libraries.items()}
        return replace(self, _libraries=libraries)

    def _message(self, key: str, language: str) -> Message:
        for spoken in (language, language.partition("-")[0], ORIGINAL):
            message = self._messages.get(spoken, {}).get(key)
            if message is not None:
                return message
        raise KeyError(key)

    @staticmethod
    def _spoken(language: str, known: Mapping[str, object] | set[str]) -> str:
        """``de-AT`` is spoken as ``de`` where it has no folder of its own, and as the original where neither has."""
        return next((one for one in (language, language.partition("-")[0]) if one in known), ORIGINAL)

    def _check_as_a_whole(self, root: Path, problems: Problems) -> None:
        original = self._messages.get(ORIGINAL, {})
        for language in self._renderers:
            if language == ORIGINAL:
                check_library(root / language, self._libraries[language], self.instruments, problems)
                continue
            check_translated_messages(root / language / "messages", self._messages[language], original, problems)
        for (name, language), instrument in self._instruments.items():
            first = self._instruments.get((name, ORIGINAL))
            if first is None:
                problems.add(
                    root / language / "instruments", 0, f"“{name}” has no original in “{ORIGINAL}”: add it there."
                )
            elif language != ORIGINAL:
                check_translation(root / language / "instruments", instrument, first, problems)


def _read_instruments(
    files: Sequence[Path], language: str, renderer: Renderer, problems: Problems
) -> dict[tuple[str, str], Instrument]:
    instruments: dict[tuple[str, str], Instrument] = {}
    for file in files:
        instrument = read_instrument(file, language, renderer, problems)
        if instrument is None:
            continue
        if (instrument.id, language) in instruments:
            problems.add(file, 0, f"another file already holds the instrument “{instrument.id}”: give one another id.")
        instruments[instrument.id, language] = instrument
    return instruments

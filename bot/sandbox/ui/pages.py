"""Templates filled with a scene: the whole page once, then its parts again whenever something changed."""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.sandbox.state import App, Channel, User
from bot.sandbox.ui import scene
from bot.sandbox.ui.context import display_name, hue_of, initials, title_of, zone_of
from bot.sandbox.ui.fault_words import FAULTS
from bot.sandbox.ui.gallery import gallery_sections
from bot.sandbox.ui.signs import sign
from bot.sandbox.ui.stage import Stage, Step
from bot.sandbox.world import World

JOURNAL_LENGTH = 80


@dataclass(frozen=True)
class Visit:
    """Who looks, where, and at which thread; `length` is how many messages they asked to see."""

    viewer: User
    place: str
    thread: str | None = None
    length: int = scene.PAGE_LENGTH
    draft: str = ""


class Pages:
    """Draws pages for one world."""

    def __init__(self, world: World, stage: Stage) -> None:
        self.world = world
        self.stage = stage
        self.marks = scene.ReadMarks()
        self._templates = Environment(
            loader=PackageLoader("bot.sandbox.ui"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["sign"] = sign
        self._templates.filters["pretty_json"] = lambda value: json.dumps(
            value, indent=2, ensure_ascii=False, default=str
        )

    def page(self, visit: Visit) -> str:
        """The whole document for one person and place."""
        return self._render(
            "page.html",
            visit=visit,
            workspace=self.world.workspaces[visit.viewer.team_id].name,
            me=person(visit.viewer),
            people=scene.people(self.world, visit.viewer),
            zone=str(zone_of(visit.viewer.slack)),
            now=self.world.clock.now().isoformat(),
            faults=FAULTS.items(),
            shortcuts=scene.shortcuts(self.world, visit.viewer, "global"),
            commands=json.dumps(scene.commands(self.world, visit.viewer)),
            parts=self.parts(visit, PARTS),
        )

    def parts(self, visit: Visit, names: Iterable[str]) -> dict[str, str]:
        """The named parts of the page as HTML; names that are no part are left out."""
        return {name: PARTS[name](self, visit) for name in names if name in PARTS}

    def gallery(self) -> str:
        """Every block kind once, for looking at."""
        return self._render("gallery.html", sections=gallery_sections())

    def seen(self, visit: Visit) -> None:
        """Remember that the viewer has read the conversation up to now."""
        channel = self.channel(visit)
        if channel is not None and channel.log.timeline:
            self.marks.mark(visit.viewer.id, channel.id, channel.log.timeline[-1])

    def first_place(self, viewer: User) -> str:
        """Where a person lands: the conversation with the app, else its Home tab, else their first channel."""
        apps = scene.installed(self.world, viewer)
        for app in apps:
            talk = self.world.im_between(viewer.id, app.installations[viewer.team_id].bot_user_id)
            if talk is not None:
                return talk.id
        if apps:
            return f"{scene.HOME}{apps[0].id}"
        return next((channel.id for channel in self.world.channels_of(viewer.id)), "nowhere")

    def channel(self, visit: Visit) -> Channel | None:
        """The conversation of a visit, if it is one that the viewer may see."""
        found = self.world.channels.get(visit.place)
        if found is None or (found.kind != "public_channel" and visit.viewer.id not in found.members):
            return None
        return found

    def app(self, visit: Visit) -> App | None:
        """The app whose Home tab is visited, if one is."""
        if not visit.place.startswith(scene.HOME):
            return None
        app = self.world.apps.get(visit.place.removeprefix(scene.HOME))
        return app if app is not None and visit.viewer.team_id in app.installations else None

    def _render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(**values)

    def sidebar(self, visit: Visit) -> str:
        entries = scene.sidebar(self.world, visit.viewer, visit.place, self.marks)
        return self._render("_sidebar.html", sidebar=entries)

    def main(self, visit: Visit) -> str:
        app = self.app(visit)
        if app is not None:
            return self._home(visit, app)
        channel = self.channel(visit)
        if channel is None:
            return self._render("_nowhere.html")
        conversation = scene.conversation(self.world, visit.viewer, channel, length=visit.length)
        shortcuts = scene.shortcuts(self.world, visit.viewer, "message")
        return self._render("_conversation.html", conversation=conversation, shortcuts=shortcuts)

    def _home(self, visit: Visit, app: App) -> str:
        installation = app.installations[visit.viewer.team_id]
        bot = self.world.users.get(installation.bot_user_id)
        return self._render(
            "_home.html",
            name=display_name(bot.slack) if bot else app.name,
            app=app,
            tabs=scene.tabs(self.world, visit.viewer, f"{scene.HOME}{app.id}", bot),
            home=scene.home(self.world, visit.viewer, app),
        )

    def thread(self, visit: Visit) -> str:
        channel = self.channel(visit)
        if channel is None or not visit.thread or channel.log.find(visit.thread) is None:
            return ""
        drawn = scene.thread(self.world, visit.viewer, channel, visit.thread)
        return self._render("_thread.html", rows=drawn, channel=channel.id, thread=visit.thread)

    def modal(self, visit: Visit) -> str:
        view = scene.modal(self.world, visit.viewer)
        return self._render("_modal.html", view=view) if view else ""

    def journal(self, visit: Visit) -> str:
        """The newest exchanges first; an entry keeps its id while others arrive, so that an open one stays open."""
        zone = zone_of(visit.viewer.slack)
        met: Counter[int] = Counter()
        entries = []
        for entry in self.world.journal.entries(JOURNAL_LENGTH):
            digest = zlib.crc32(json.dumps(entry).encode())
            met[digest] += 1
            at = datetime.fromisoformat(entry["at"]).astimezone(zone)
            entries.append((f"j-{digest:08x}-{met[digest]}", entry, at))
        return self._render("_journal.html", entries=entries[::-1])

    def notice(self, _visit: Visit) -> str:
        return self._render("_notice.html", notice=self.stage.notice) if self.stage.notice.text else ""

    def guide(self, visit: Visit) -> str:
        if not self.stage.guide.steps:
            return ""
        steps = [(step, self._step_href(step, visit), self._actor(step)) for step in self.stage.guide.steps]
        return self._render("_guide.html", guide=self.stage.guide, steps=steps)

    def _actor(self, step: Step) -> str:
        user = self.world.person(step.user) if step.user else None
        if user is None:
            return ""
        title = title_of(user.slack)
        return f"{display_name(user.slack)}, {title}" if title else display_name(user.slack)

    def _step_href(self, step: Step, visit: Visit) -> str | None:
        """Where a step happens: the person's own view of the channel, the command already in the composer."""
        user = (self.world.person(step.user) if step.user else None) or visit.viewer
        channel = self.world.conversation(step.channel) if step.channel else None
        if step.user is None and channel is None and not step.command:
            return None
        is_home = step.channel == "home" or (step.channel or "").startswith(scene.HOME)
        place = str(step.channel) if is_home else channel.id if channel else self.first_place(user)
        query = f"?{urlencode({'draft': step.command})}" if step.command else ""
        return f"/as/{quote(user.id)}/{quote(place)}{query}"


PARTS: dict[str, Callable[[Pages, Visit], str]] = {
    "sidebar": Pages.sidebar,
    "main": Pages.main,
    "thread": Pages.thread,
    "modal": Pages.modal,
    "journal": Pages.journal,
    "notice": Pages.notice,
    "guide": Pages.guide,
}


def person(user: User) -> scene.Entry:
    name = display_name(user.slack)
    return scene.Entry(user.id, name, f"/as/{user.id}", title_of(user.slack), initials(name), hue_of(user.id))

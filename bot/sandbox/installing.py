"""Installing apps: OAuth's code and token, revocation, uninstalling."""

from bot.sandbox import events, seed
from bot.sandbox import manifest as manifests
from bot.sandbox.errors import SlackError
from bot.sandbox.platform import Platform
from bot.sandbox.state import App, Grant, Installation, Json, Token

CODE_SECONDS = 10 * 60


def allow(
    platform: Platform,
    app: App,
    user_id: str,
    scopes: tuple[str, ...],
    user_scopes: tuple[str, ...],
    redirect_uri: str | None,
) -> str:
    """A code, good once and for ten minutes of the sandbox's clock."""
    world = platform.world
    code = f"{world.ids.digits()}.{world.ids.digits()}.{world.ids.hex(40)}"
    until = world.clock.timestamp() + CODE_SECONDS
    team_id = world.users[user_id].team_id
    world.grants[code] = Grant(app.id, team_id, user_id, scopes, user_scopes, redirect_uri, until)
    return code


def exchange(platform: Platform, app: App, code: str, redirect_uri: str | None) -> Json:
    """oauth.v2.access: the installation that belongs to a code."""
    world = platform.world
    grant = world.grants.get(code)
    if grant is None or grant.app_id != app.id or grant.until < world.clock.timestamp():
        raise SlackError("invalid_code")
    if redirect_uri is not None and redirect_uri != grant.redirect_uri:
        raise SlackError("bad_redirect_uri")
    del world.grants[code]
    bot = seed.install(world, app, grant.team_id, grant.user_id, grant.scopes)
    authed_user: Json = {"id": grant.user_id}
    if grant.user_scopes:
        value = f"xoxp-{world.ids.digits()}-{world.ids.digits()}-{world.ids.hex()}"
        world.add_token(Token(value, "user", app.id, grant.team_id, grant.user_id, grant.user_scopes))
        authed_user |= {"access_token": value, "scope": ",".join(grant.user_scopes), "token_type": "user"}
    return {
        "app_id": app.id,
        "authed_user": authed_user,
        "scope": ",".join(bot.scopes),
        "token_type": "bot",
        "access_token": bot.bot_token,
        "bot_user_id": bot.bot_user_id,
        "team": {"id": grant.team_id, "name": world.workspaces[grant.team_id].name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def revoke(platform: Platform, token: Token) -> None:
    """Make a token worthless and tell the app; a bot's only token takes the installation with it."""
    bot = platform.world.apps[token.app_id].installations.get(token.team_id)
    token.refusal = "token_revoked"
    if bot is None:
        return
    revoked = {"oauth": [token.user_id] if token.kind == "user" else [], "bot": []}
    if token.kind == "bot":
        revoked["bot"] = [bot.bot_user_id]
    events.emit(platform, token.team_id, "tokens_revoked", {"type": "tokens_revoked", "tokens": revoked}, only=[bot])
    if token.kind == "bot":
        events.emit(platform, token.team_id, "app_uninstalled", {"type": "app_uninstalled"}, only=[bot])
        platform.world.remove_installation(bot)


def uninstall(platform: Platform, bot: Installation) -> None:
    """Remove an app from a workspace: its tokens die, and it hears of both."""
    world = platform.world
    for token in world.tokens.values():
        if token.app_id == bot.app_id and token.team_id == bot.team_id and token.kind == "user":
            token.refusal = "token_revoked"
    revoke(platform, world.tokens[bot.bot_token])
    world.users[bot.bot_user_id].slack["deleted"] = True


def scopes_of(app: App, asked: str | None) -> tuple[str, ...]:
    """The scopes an authorise page grants: what was asked for, within the manifest; all of it where nothing was."""
    declared = manifests.bot_scopes(app.manifest)
    wanted = tuple(one for one in (asked or "").replace(" ", ",").split(",") if one)
    return tuple(one for one in wanted if one in declared) if wanted else declared

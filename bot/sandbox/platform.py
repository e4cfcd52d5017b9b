"""The parts of a running sandbox that its routes share."""

from dataclasses import dataclass

from bot.sandbox.courier import Courier
from bot.sandbox.faults import Faults
from bot.sandbox.limits import Limits
from bot.sandbox.sockets import SocketHub
from bot.sandbox.triggers import ResponseUrls, Triggers
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Platform:
    """World, deliveries, limits and faults of one sandbox."""

    world: World
    faults: Faults
    limits: Limits
    hub: SocketHub
    courier: Courier
    triggers: Triggers
    response_urls: ResponseUrls

    @classmethod
    def build(cls, world: World, limits: Limits, *, seed: int = 0) -> "Platform":
        faults = Faults(world.feed)
        hub = SocketHub(world.ids, seed)
        courier = Courier(world, faults, hub)
        return cls(
            world, faults, limits, hub, courier, Triggers(world.ids, world.pace.trigger_seconds), ResponseUrls(world)
        )

"""Which wording a round asks: the version is stored with it, so that an answer can be read against the words asked."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.instrument import Instrument
from bot.db.tables import InstrumentVersion

DEFAULT = "rc_pulse"


async def remember(session: AsyncSession, workspace_id: int, instrument: Instrument, now: datetime) -> int:
    """The id of this wording's row; made the first time it is used."""
    query = select(InstrumentVersion).where(
        InstrumentVersion.workspace_id == workspace_id,
        InstrumentVersion.instrument == instrument.id,
        InstrumentVersion.version == instrument.version,
        InstrumentVersion.language == instrument.language,
        InstrumentVersion.content_hash == instrument.content_hash,
    )
    found = (await session.exec(query)).first()
    if found is None:
        found = InstrumentVersion(
            workspace_id=workspace_id,
            instrument=instrument.id,
            version=instrument.version,
            language=instrument.language,
            content_hash=instrument.content_hash,
            provenance=instrument.provenance,
            licence=instrument.licence,
            used_since=now,
        )
        session.add(found)
        await session.flush()
    return found.id

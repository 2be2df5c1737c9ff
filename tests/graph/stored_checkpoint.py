"""Stores a case as this release leaves it: `python -m tests.graph.stored_checkpoint RELEASE`.

Run once for each release; what it writes is never written again. Cases wait for weeks, so a later release
must load and finish what an earlier one began.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

from tests.graph.office import Office
from tests.graph.papers import AWAITED, FOREIGN_IBAN, a_document

STORED = Path(__file__).parents[1] / "data" / "checkpoints"
DATABASES = ("erp-agent.sqlite", "checkpoints.sqlite")


async def leave_cases_waiting(folder: Path) -> None:
    """One case that waits for an approval, one for an answer, one on hold."""
    office = Office("sandbox", folder)
    async with office.open():
        await office.prepare()
        await office.take_in(a_document())
        await office.take_in(a_document("RE-2", iban=FOREIGN_IBAN))
        held = a_document("RE-3", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
        await office.answer(await office.take_in(held), "wait_for_receipt")


def store(release: str) -> Path:
    """Write the databases of `release`, as one file each."""
    target = STORED / release
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(leave_cases_waiting(Path(folder)))
        for name in DATABASES:
            with sqlite3.connect(Path(folder) / "data" / name) as connection:
                connection.execute("pragma journal_mode=delete")
                if name == "checkpoints.sqlite":
                    _keep_last(connection)
                connection.commit()
                connection.execute("vacuum")
            connection.close()
            shutil.copy(Path(folder) / "data" / name, target / name)
    return target


def _keep_last(connection: sqlite3.Connection) -> None:
    """Only the checkpoint each case goes on from."""
    connection.execute(
        "delete from checkpoints where checkpoint_id not in "
        "(select max(checkpoint_id) from checkpoints group by thread_id)"
    )
    connection.execute(
        "delete from writes where checkpoint_id not in (select checkpoint_id from checkpoints)"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{store(sys.argv[1])}\n")

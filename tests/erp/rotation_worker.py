"""A process of its own that logs in at Exact Online: each line on its input is the moment it is now (seconds
since 1970) and how many calls it makes together; it answers with the headers they got.

    python -m tests.erp.rotation_worker URL FOLDER
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tests.erp.exact_setup import settings
from tools.erp.errors import ErpError
from tools.erp.exact.access import login_of
from tools.erp.rotating_login import RotatingLogin


async def headers(login: RotatingLogin, calls: int) -> list[str]:
    """The different headers that so many calls at once get, or the words of what went wrong."""
    try:
        return sorted(set(await asyncio.gather(*(login.header() for _ in range(calls)))))
    except ErpError as error:
        return [f"{type(error).__name__}: {error}"]


async def main(url: str, folder: Path) -> None:
    moment = 0.0
    login = login_of(settings(folder, base_url=url), now=lambda: moment)
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = json.loads(line)
        moment = float(told["now"])
        sys.stdout.write(json.dumps(await headers(login, int(told["calls"]))) + "\n")
        sys.stdout.flush()
    await login.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

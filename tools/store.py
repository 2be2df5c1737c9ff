"""Our own database: tables, engine, transactions. SQLite by default.

What stands where: the audit log is the truth; `cases` is a list computed from it; `documents` and
`readings` keep what came in and what was read; `document_prints` and `document_keys` are computed from them,
for finding copies, `erp_history` of what was posted without us; `billed` keeps what was billed on each order
line (some ERPs keep no such link); `posting_keys` makes a business document postable by one case only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from tools.store_damage import damage_told
from tools.write_ahead import use_write_ahead_log

metadata = MetaData()

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("actor_type", String(20), nullable=False),
    Column("case_id", String(40), index=True),
    Column("kind", String(40), nullable=False),
    Column("event", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)
documents = Table(
    "documents",
    metadata,
    Column("document_id", String(64), primary_key=True),
    Column("case_id", String(40), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sender", Text),
    Column("subject", Text),
    Column("message_id", Text),
    Column("received_at", String(40), nullable=False),
    Column("content", LargeBinary),
)
readings = Table(
    "readings",
    metadata,
    Column("document_id", String(64), primary_key=True),
    Column("reading", Text, nullable=False),
)
cases = Table(
    "cases",
    metadata,
    Column("case_id", String(40), primary_key=True),
    Column("position", Integer, nullable=False, unique=True),
    Column("document_id", String(64), nullable=False, index=True),
    Column("summary", Text, nullable=False),
    Column("stage", String(40), nullable=False, index=True),
    Column("sequence", Integer, nullable=False),
)
facts = Table(
    "facts",
    metadata,
    Column("case_id", String(40), primary_key=True),
    Column("facts", Text, nullable=False),
)
claims = Table(
    "claims",
    metadata,
    Column("case_id", String(40), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("until", String(40), nullable=False),
)
posting_keys = Table(
    "posting_keys",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("case_id", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("posting", Text),
)
billed = Table(
    "billed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(400), nullable=False, index=True),
    Column("case_id", String(40), nullable=False),
    Column("order_number", String(80), nullable=False, index=True),
    Column("order_line_id", String(80), nullable=False),
    Column("quantity", String(60), nullable=False),
    Column("amount", String(60), nullable=False),
    Column("currency", String(3), nullable=False),
)
suppliers = Table(
    "suppliers",
    metadata,
    Column("supplier_id", String(80), primary_key=True),
    Column("supplier", Text, nullable=False),
)
bank_accounts = Table(
    "bank_accounts",
    metadata,
    Column("supplier_id", String(80), primary_key=True),
    Column("iban", String(40), primary_key=True),
    Column("verified_by", String(200), nullable=False),
    Column("verified_how", Text, nullable=False),
    Column("verified_at", String(40), nullable=False),
)
confirmed_senders = Table(
    "confirmed_senders",
    metadata,
    Column("supplier_id", String(80), primary_key=True),
    Column("domain", String(253), primary_key=True),
    Column("confirmed_by", String(200), nullable=False),
    Column("confirmed_how", Text, nullable=False),
    Column("confirmed_at", String(40), nullable=False),
)
document_prints = Table(
    "document_prints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", String(64), nullable=False, unique=True),
    Column("case_id", String(40), nullable=False, index=True),
    Column("version", Integer, nullable=False, index=True),
    Column("supplier_id", String(80)),
    Column("print", Text),
)
document_keys = Table(
    "document_keys",
    metadata,
    Column("code", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", String(80)),
    sqlite_with_rowid=False,
)
_erp_id = Column("erp_id", String(80), nullable=False, unique=True)
_held = (Column("version", Integer, nullable=False, index=True), Column("posting", Text, nullable=False))
erp_history = Table("erp_history", metadata, Column("id", Integer, primary_key=True), _erp_id, *_held)
erp_history_keys = document_keys.to_metadata(metadata, name="erp_history_keys")
Index("erp_history_keys_of", erp_history_keys.c.id)
coding_history = Table(
    "coding_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", String(200), nullable=False, index=True),
    Column("supplier_id", String(80), nullable=False),
    Column("description", Text, nullable=False),
    Column("account", String(80), nullable=False),
    Column("cost_centre", String(80)),
    Column("tax_code", String(80)),
    Column("posted_on", String(10), nullable=False),
    Column("document", Text, nullable=False),
)
Index("coded_by_supplier", coding_history.c.supplier_id, coding_history.c.posted_on)
marks = Table(
    "marks",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)
Index("billed_line", billed.c.order_number, billed.c.order_line_id)

# Named by what `tools.commitments` asks; an expression, because the list of cases is kept as JSON.
CASE_SUPPLIER = "json_extract(summary, '$.supplier_id')"
CASE_NAMES = (
    "lower(case_id)",
    "lower(json_extract(summary, '$.number'))",
    "lower(json_extract(summary, '$.erp_number'))",
)
"""By what people name a case, in small letters as SQLite makes them: see `folded`."""
_CASE_INDEXES = (
    f"create index if not exists cases_of_supplier on cases ({CASE_SUPPLIER})",
    *(
        f"create index if not exists cases_by_{what} on cases ({expression})"
        for what, expression in zip(("id", "number", "erp_number"), CASE_NAMES, strict=True)
    ),
)
_POSTED_AS = "create index if not exists posted_as on posting_keys (json_extract(posting, '$.erp_id'))"

# Even someone with the database open cannot change the log by accident; on purpose, the hash chain shows it.
# `insert or replace` deletes without firing delete triggers, so only the next record may be inserted.
_APPEND_ONLY = (
    *(
        f"create trigger if not exists audit_no_{verb} before {verb} on audit "
        f"begin select raise(abort, 'the audit log is append-only'); end"
        for verb in ("update", "delete")
    ),
    "create trigger if not exists audit_next_only before insert on audit "
    "when new.sequence is not (select coalesce(max(sequence), 0) + 1 from audit) "
    "begin select raise(abort, 'the audit log is append-only'); end",
)


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # SQLAlchemy begins transactions itself (see `begin`), so the driver must not.
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "foreign_keys=on", "synchronous=normal"):
        connection.cursor().execute(f"pragma {pragma}")


def _begin(connection: Connection) -> None:
    # A writer takes the write lock at once: the hash chain needs 'read last, append next' to be one step.
    # A reader takes none: it sees the state of one moment and holds nobody up.
    is_reader = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("begin" if is_reader else "begin immediate")


def folded(word: str) -> str:
    """As SQLite's `lower`: only A to Z change."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in word)


class Store:
    """The database of one installation. Every method opens and ends its own transaction, and raises
    StoreDamaged for a file that is broken, StoreUnwritable where the disk takes nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open or create the SQLite file; its folder is made for its owner alone."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(f"sqlite:///{path}")
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
        with damage_told(str(path)):
            use_write_ahead_log(path)
            metadata.create_all(engine)
            with engine.begin() as connection:
                for statement in (*_APPEND_ONLY, *_CASE_INDEXES, _POSTED_AS):
                    connection.exec_driver_sql(statement)
        return cls(engine)

    def _damage_told(self) -> AbstractContextManager[None]:
        return damage_told(str(self.engine.url.database))

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[Connection]:
        """All or nothing. Survives the death of the process always, and of the machine when `durable`."""
        with self._damage_told(), self.engine.connect() as connection:
            if durable:
                raw = connection.connection.dbapi_connection
                if raw is not None:
                    raw.cursor().execute("pragma synchronous=full")
            try:
                with connection.begin():
                    yield connection
            finally:
                if durable and connection.connection.dbapi_connection is not None:
                    connection.connection.dbapi_connection.cursor().execute("pragma synchronous=normal")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """The state of one moment, without the write lock."""
        with self._damage_told(), self.engine.connect() as connection:
            yield connection.execution_options(reading=True)

    def close(self) -> None:
        self.engine.dispose()

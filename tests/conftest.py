"""What every test may ask for: the vectors' folder and fresh, migrated databases.

Rules kept here:

* A database is built by `upgrade head`, never by `create_all`; it is migrated once and copied for each test.
* The PostgreSQL server is started by the tests themselves: a private Unix socket, no TCP port, never as root,
  stopped by its own process id. With xdist each worker has its own server.
* The ledger's role on it is no superuser, so that row-level security would hold in tests as it does in production.
* A missing server fails its half of the tests, unless `SUYUAN_TEST_POSTGRESQL=skip` says that it may be left out.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest
from sqlalchemy import URL

# The store is imported inside the fixtures: a test of the ground floor must run, and be measured, without it.
if TYPE_CHECKING:
    from sqlalchemy import Engine

REPOSITORY = Path(__file__).resolve().parent.parent
ROLE = "suyuan"
SUPERUSER = "postgres"
START_TIMEOUT_S = 60
MEMORY_BYTES = 2 << 30  # a server takes some 100 MB; a container's 64 MB of shared memory don't do
# sun_path of a Unix socket holds 108 bytes with its closing zero; PostgreSQL's own name takes the end of it.
SOCKET_PATH_BYTES = 107
SOCKET_NAME = ".s.PGSQL.5432"
DATABASES = ["sqlite", "postgresql"]

hypothesis.settings.register_profile(
    "suyuan",
    # Two busy cores make any deadline a coin toss; a slow machine says nothing about the code.
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
    # Continuous integration tries the same examples every time; people try new ones.
    derandomize="CI" in os.environ,
)
hypothesis.settings.load_profile("suyuan")


MEASURED = ("conformance", "identifiers", "ledger")
"""The folders whose tests are measured: they mirror the code that must be covered, the vectors
beside them. What stands above walks through the same lines again, at two to four times the price."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave coverage out where it isn't measured; a test of volume leaves it out by itself."""
    for item in items:
        if not any(item.path.is_relative_to(REPOSITORY / "tests" / name) for name in MEASURED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Return the folder of conformance vectors, or skip where there is none."""
    folder = Path(os.environ.get("SUYUAN_VECTORS") or REPOSITORY.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no vectors: {folder} is no folder; set SUYUAN_VECTORS to one that holds them")
    return folder


@dataclass(slots=True)
class Server:
    """A running PostgreSQL server."""

    folder: Path
    """The folder of its socket, which is its whole address."""
    _superuser: psycopg.Connection[Any] | None = None
    """The superuser's connection, kept: to open one takes longer than most of what it runs."""

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of a database, for the ledger's own role."""
        url = URL.create(
            "postgresql+psycopg",
            username=ROLE,
            database=database,
            query={"host": str(self.folder)},
        )
        return url.render_as_string(hide_password=False)

    def execute(self, *statements: str) -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        if self._superuser is None or self._superuser.closed:
            self._superuser = psycopg.connect(
                host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True
            )
        for statement in statements:
            self._superuser.execute(statement.encode())

    def close(self) -> None:
        """Close the superuser's connection."""
        if self._superuser is not None:
            self._superuser.close()


def _programs() -> Path:
    """Return the folder of initdb and postgres: the newest Debian one, else that of PATH."""
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdigit()
    ]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    pytest.fail(
        "no PostgreSQL server: initdb is neither in /usr/lib/postgresql/*/bin nor in PATH; install "
        "Debian's package postgresql, or set SUYUAN_TEST_POSTGRESQL=skip to leave this half out",
        pytrace=False,
    )


def _account() -> pwd.struct_passwd | None:
    """Return the account the server runs under when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _run(command: list[str | Path], folder: Path, account: pwd.struct_passwd | None) -> str:
    """Run a program as the server's account and return why it failed, or an empty string."""
    done = subprocess.run(
        command,
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **_identity(account),
    )
    return "" if done.returncode == 0 else done.stdout or f"exit status {done.returncode}"


def _identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the arguments that make a child process run as the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _folder(account: pwd.struct_passwd | None) -> Path:
    """Make a folder that the server's account can reach and whose socket path is short enough."""
    tried = []
    # Each database is some three hundred files: in memory they are made in half the time.
    memory = ["/dev/shm"] if _room("/dev/shm") >= MEMORY_BYTES else []  # noqa: S108
    for parent in dict.fromkeys([*memory, tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"]):  # noqa: S108
        try:
            folder = Path(tempfile.mkdtemp(prefix="suyuan-pg-", dir=parent))
        except OSError as error:
            tried.append(f"{parent}: {error.strerror}")
            continue
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_BYTES:
            tried.append(f"{parent}: its path is too long for a socket")
        elif _reachable(folder, account):
            return folder
        else:
            tried.append(f"{parent}: not open to the server's account")
        folder.rmdir()
    pytest.fail(f"no folder for PostgreSQL's socket: {'; '.join(tried)}", pytrace=False)


def _room(folder: str) -> int:
    """Return the bytes that are free in a folder; 0 where there is none."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _reachable(folder: Path, account: pwd.struct_passwd | None) -> bool:
    """Tell whether the account can write below the folder, by trying it."""
    try:
        return not _run([Path("/usr/bin/env"), "test", "-w", folder], folder, account)
    except OSError:  # the child could not even enter the folder
        return False


def _wait(process: subprocess.Popen[bytes], server: Server, log: Path) -> None:
    """Wait until the server answers; fail with the end of its log when it does not."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            server.execute("SELECT 1")
            return
        time.sleep(0.05)
    said = log.read_text("utf-8", "replace")[-2000:]
    pytest.fail(
        f"PostgreSQL did not start within {START_TIMEOUT_S} s; it said:\n{said}", pytrace=False
    )


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Start a PostgreSQL server for this session and stop it at the end."""
    if os.environ.get("SUYUAN_TEST_POSTGRESQL") == "skip":
        pytest.skip("SUYUAN_TEST_POSTGRESQL=skip leaves the PostgreSQL half out")
    programs = _programs()
    account = _account()
    folder = _folder(account)
    data, log = folder / "data", folder / "log"
    initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", SUPERUSER, "--auth=trust"]
    try:
        failure = _run(
            [*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"], folder, account
        )
        if failure:
            pytest.fail(f"initdb failed: {failure}", pytrace=False)
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder]
        options = [
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
        ]
        for option in [*options, "port=5432", "max_connections=50", "shared_buffers=64MB"]:
            command += ["-c", option]
        if guard := shutil.which("setpriv"):
            # Should this process be killed, the kernel shuts the server down as well.
            command = [guard, "--pdeathsig", "INT", *command]
        server = Server(folder)
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                **_identity(account),
            ) as process,
        ):
            try:
                _wait(process, server, log)
                server.execute(f"CREATE ROLE {ROLE} LOGIN")
                yield server
            finally:
                server.close()
                process.send_signal(signal.SIGINT)  # "fast shutdown": open connections are cut
                process.wait(START_TIMEOUT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Server) -> str:
    """Migrate one PostgreSQL database and return its name, for the others to be copied from."""
    from ledger.store.engine import open_engine
    from ledger.store.migrate import upgrade

    name = "suyuan_template"
    postgresql_server.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
    engine = open_engine(postgresql_server.url(name))
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite database and return its file, for the others to be copied from."""
    from ledger.store.engine import open_engine
    from ledger.store.migrate import upgrade

    path = tmp_path_factory.mktemp("template") / "ledger.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    # What still stands in the write-ahead log would be missing from a copy of the file.
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


_numbers = itertools.count(1)


@contextlib.contextmanager
def _database(server: Server, template: str) -> Iterator[str]:
    """Make a database as a copy of the template, hand out its address, and drop it afterwards."""
    name = f"test_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {template}")
    try:
        yield server.url(name)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql_server: Server, postgresql_template: str) -> Iterator[str]:
    """Give the address of a fresh, migrated PostgreSQL database."""
    with _database(postgresql_server, postgresql_template) as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the address of a fresh, migrated SQLite database."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a fresh, migrated database, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def empty_postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """Give the address of a PostgreSQL database that no migration has touched."""
    with _database(postgresql_server, "template1") as url:
        yield url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """Give the address of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.sqlite'}"


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a database before its first migration, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@contextlib.contextmanager
def _open(url: str) -> Iterator["Engine"]:
    """Open an engine and close all of its connections afterwards."""
    from ledger.store.engine import open_engine

    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator["Engine"]:
    """Give an engine on a fresh, migrated database, on SQLite and on PostgreSQL."""
    with _open(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator["Engine"]:
    """Give an engine on a fresh, migrated SQLite database."""
    with _open(sqlite_url) as opened:
        yield opened


@pytest.fixture
def postgresql_engine(postgresql_url: str) -> Iterator["Engine"]:
    """Give an engine on a fresh, migrated PostgreSQL database."""
    with _open(postgresql_url) as opened:
        yield opened

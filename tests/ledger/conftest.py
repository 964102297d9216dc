"""Ledgers to test: SQLite always, and in the slow suite PostgreSQL, where Debian's package of it is installed."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine

from nbo.ledger import Ledger

BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


def newest_server():
    """Folder of PostgreSQL's programs, None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgresql_url():
    """URL of a database of our own server; NBO_TEST_POSTGRES may name an empty database elsewhere."""
    if "NBO_TEST_POSTGRES" in os.environ:
        yield os.environ["NBO_TEST_POSTGRES"]
        return
    pytest.importorskip("psycopg", reason="the driver for PostgreSQL is not installed")
    programs = newest_server()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; `make postgresql` does so on Debian")
    # The server refuses to run as root, and other users cannot enter pytest's own folders.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="nbo-postgresql-"))
    if user:
        shutil.chown(folder, user)
    port, data = free_port(), folder / "data"
    run = {"user": user, "cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    subprocess.run([programs / "initdb", "-D", data, "-U", "nbo", "-A", "trust", "-E", "UTF8"], check=True, **run)
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen([programs / "postgres", "-D", data, *settings], **{**run, "stdout": subprocess.DEVNULL})
    try:
        url = f"postgresql://nbo@127.0.0.1:{port}/postgres"
        wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


def wait_for(url, server):
    engine = create_engine(url)
    deadline = time.monotonic() + 60
    while True:
        try:
            engine.connect().close()
            break
        except Exception:
            assert server.poll() is None, "the server of PostgreSQL did not start"
            assert time.monotonic() < deadline, "the server of PostgreSQL does not answer"
            time.sleep(0.1)
    engine.dispose()


@pytest.fixture(params=BACKENDS)
def shared_url(request, tmp_path):
    """URL of a ledger that several processes can open."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'nbo.db'}"
    url = request.getfixturevalue("postgresql_url")
    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    tables.drop_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def ledger(shared_url):
    url = "sqlite://" if shared_url.startswith("sqlite") else shared_url
    with Ledger.open(url) as ledger:
        yield ledger

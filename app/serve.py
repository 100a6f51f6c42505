"""The commands that serve HTTP: gunicorn and the worker as children, between the database's start and its end."""

from __future__ import annotations

import ctypes
import errno
import http.client
import os
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from psycopg import errors

from app.postgres.programs import psql_command
from app.postgres.server import keep_running, server
from app.roles import cannot_work_as, role_of_service
from app.say import say_on_stderr
from app.settings import Settings, SetupError

HEALTH = "/api/v1/health"

_TOP = Path(__file__).resolve().parent.parent
_START_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_SILENCE_SECONDS = 10  # of a client that has begun a request
_DEAFNESS_SECONDS = 30  # of a client that takes no more of its answer
_STOP_SECONDS = 20.0  # more than gunicorn's graceful timeout


class ServeError(SetupError):
    """The HTTP service cannot be started, or has ended by itself."""


@click.command()
def run() -> None:
    """Run everything: the database, a demo in an empty one, the HTTP service, and the jobs.

    Brings the database up to date first. Ctrl-C stops it; the data stays.
    """
    _serve(Settings.from_environment(), prepare=True)


@click.command()
def serve() -> None:
    """Run the HTTP service on a database that is up to date, and leave the database as it is."""
    _serve(Settings.from_environment(), prepare=False)


def _serve(settings: Settings, *, prepare: bool) -> None:
    try:
        # First of all, so that a port in use is told before anything is started or changed.
        with _listener(settings) as listener, server(settings) as url:
            if not prepare:
                _require_its_code(settings, url)
            key = _prepare(settings, url) if prepare else None
            port = listener.getsockname()[1]
            with ExitStack() as children:
                _say_where_connections_lack(settings, url)
                process = children.enter_context(_gunicorn(settings, url, listener))
                listener.close()  # else a request after gunicorn's end would wait for an answer that never comes
                _wait_until_healthy(process, settings.host, port)
                psql = psql_command(url) if settings.database_url is None else 'psql "$DATABASE_URL"'
                if prepare:
                    children.enter_context(_worker(settings, url))
                _print_welcome(_address(settings.host, port), key, psql)
                code = _wait(process, settings)
                raise ServeError(f"The HTTP service has ended by itself (exit {code}), for the reason above.")
    except KeyboardInterrupt:
        say_on_stderr("Stopped.")


def _wait(process: subprocess.Popen[bytes], settings: Settings) -> int:
    """Wait until the service ends, and see to it meanwhile that the embedded database is there; its exit code."""
    while True:
        try:
            return process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            keep_running(settings)


def _prepare(settings: Settings, url: str) -> str | None:
    """Bring the database up to date, fill an empty one with the demo, and return the demo's API key if it is there."""
    from app import demo, migrate
    from app.commands.output import with_progress

    def told(days: Sequence[int]) -> Iterator[int]:
        say_on_stderr(f"The database is empty: agents trade in simulation for {len(days)} days, as a demo")
        return with_progress(days, "Days of the demo")

    migrate.migrate(url, say_on_stderr, role_prefix=settings.role_prefix)
    demo.make_demo(url, track=told)
    return demo.demo_api_key(settings, url)


def _require_its_code(settings: Settings, url: str) -> None:
    """Raises psycopg.Error where the database has not been migrated, ServeError where this login may not serve it."""
    from app.database import connect, queries

    role = role_of_service(settings.role_prefix)
    with connect(url) as connection:
        try:
            queries.act_as(connection, role=role, user_id=None, actor=None)
        except (errors.InsufficientPrivilege, errors.InvalidParameterValue) as error:
            raise ServeError(cannot_work_as(connection, role, error)) from error
        queries.health(connection)


def _say_where_connections_lack(settings: Settings, url: str) -> None:
    """Tell a person that requests will wait for connections which the server does not give."""
    from app.database import connect, queries

    wanted = settings.workers * settings.threads
    with connect(url) as connection:
        allowed = queries.connections_left(connection)
    if wanted > allowed:
        say_on_stderr(
            f"TRADEBOOK_WORKERS ({settings.workers}) times TRADEBOOK_THREADS ({settings.threads}) is up to {wanted} "
            f"connections, and the database allows {allowed}: the requests beyond wait, and get a 503 in the end."
        )


def _listener(settings: Settings) -> socket.socket:
    """A listening socket for gunicorn, which takes it over. Raises ServeError."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ServeError(f"TRADEBOOK_HOST is {host}, and that is no address here: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Its connections take this over: a client that stops in the middle of a request would hold a thread for ever.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _SILENCE_SECONDS, 0))
        # So would one that takes nothing of a long answer.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _DEAFNESS_SECONDS, 0))
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        advice = {
            errno.EADDRINUSE: "another program uses it. Stop that one, or set TRADEBOOK_PORT to another port.",
            errno.EACCES: "this account may not use it. Set TRADEBOOK_PORT to a port from 1024 on.",
            errno.EADDRNOTAVAIL: "it is not an address of this machine. Set TRADEBOOK_HOST to one that is.",
        }
        reason = advice.get(error.errno or 0, f"{error.strerror}.")
        raise ServeError(f"Port {port} of {host} cannot be used: {reason}") from error
    return listener


@contextmanager
def _gunicorn(settings: Settings, url: str, listener: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        *(sys.executable, "-P", "-m", "gunicorn"),
        *("--config", "python:app.gunicorn_config"),
        *("--bind", f"fd://{listener.fileno()}"),
        "app:create_app()",
    ]
    with _child(settings, url, command, listener.fileno()) as process:
        yield process


@contextmanager
def _worker(settings: Settings, url: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-P", "-c", "from app.cli import main; main()", "jobs", "work"]
    with _child(settings, url, command) as process:
        yield process


@contextmanager
def _child(settings: Settings, url: str, command: list[str], *handles: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that works on the database at `url`, and ends with us."""
    process = subprocess.Popen(
        command,
        env=os.environ | {"DATABASE_URL": url, "TRADEBOOK_DATA_DIR": str(settings.data_dir)},
        # gunicorn puts this directory before all others on the import path: ours, not one that has another `app`.
        cwd=_TOP,
        stdin=subprocess.DEVNULL,
        pass_fds=handles,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop them before the database
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """Have Linux end a child when we are killed: gunicorn would keep the port."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _wait_until_healthy(process: subprocess.Popen[bytes], host: str, port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    answer = "nothing"
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None:
            raise ServeError(f"The HTTP service did not start (exit {code}), for the reason above.")
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=5)
        try:
            connection.request("GET", HEALTH)
            response = connection.getresponse()
            if response.status == http.HTTPStatus.OK:
                return
            answer = f"{response.status} {response.read(2000).decode(errors='replace')}"
        except OSError as error:
            answer = str(error)
        finally:
            connection.close()
        time.sleep(0.05)
    raise ServeError(f"The HTTP service is not healthy after {_START_SECONDS:.0f} s; {HEALTH} answers: {answer}")


def _reachable(host: str) -> str:
    """Where a service that listens on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _address(host: str, port: int) -> str:
    host = _reachable(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _print_welcome(address: str, key: str | None, psql: str) -> None:
    lines = [f"tradebook   {address}/api/v1"]
    if key is None:
        lines.append(f"Try         curl {address}{HEALTH}")
    else:
        header = shlex.quote(f"X-API-Key: {key}")
        lines += [f"API key     {key}", f"Try         curl -H {header} {address}/api/v1/agents"]
    lines += [f"Database    {psql}", "Ctrl-C stops it."]
    click.echo("\n".join(lines))
    sys.stdout.flush()

"""The PostgreSQL server that a command needs: the one of DATABASE_URL, or an embedded one.

The embedded server belongs to a data directory, listens on a Unix socket only, and is shared: every command that uses
it holds a lock, the first one starts it and the last one stops it. A command that is killed leaves the server running;
the next one takes it over.

PostgreSQL refuses to run as root. As root, the server runs as the account `postgres`, or `nobody` where there is none.
No permission of an existing directory is ever loosened for that account: what it cannot reach is put where it can.

    <data>/cluster      the database cluster, or a link to one below /var/lib/tradebook
    <data>/socket       the socket's directory (below /tmp when this path would be too long for a socket)
    <data>/server.log   what the server says
    <data>/start.lock   held while the server is started
    <data>/users.lock   held, shared, by every command that uses the server
"""

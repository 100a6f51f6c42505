"""What a trade takes on the disk."""

from __future__ import annotations

from tests.bench.books import connected
from tests.bench.case import Effort, case
from tests.bench.cases.summaries import SWAPS
from tests.bench.place import Place
from tests.bench.results import Figure, Line

LEAST = 0.5
"""Bytes a trade that a relation takes to be told of."""


@case("Bytes on disk per trade, all tables and indexes", Line("all"), is_on_large_book=True)
def bytes_on_disk(place: Place, effort: Effort) -> list[Figure]:
    """Every table and index that grows with trades, by the transactions of the large book; each sale is of a buy."""
    with connected(place.large(effort.of(SWAPS))) as db:
        db.execute("vacuum")
        (trades,) = db.execute("select count(*) from agent_transactions").fetchone() or (0,)
        relations = db.execute(
            "select c.relname, coalesce(t.relname, ''),"
            " case when c.relkind = 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end"
            " from pg_class as c left join pg_index as i on i.indexrelid = c.oid"
            " left join pg_class as t on t.oid = i.indrelid"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i') order by 3 desc"
        ).fetchall()
    told = [
        Figure(f"index {name}" if table else f"table {name}", "bytes", [size / trades])
        for name, table, size in relations
        if size / trades >= LEAST
    ]
    return [Figure("all", "bytes", [sum(size for _, _, size in relations) / trades]), *told]

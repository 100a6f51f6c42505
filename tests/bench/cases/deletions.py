"""The end of an agent."""

from __future__ import annotations

from tests.bench.books import AS_API, Db, agent, connected, make_bare_table, make_history, make_wallets, settle
from tests.bench.case import Effort, case, seconds_of
from tests.bench.cases.batches import STORED
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_most, ratio


@case(
    "Deleting an agent with 100,000 transactions",
    Line("delete", "of bare rows", "delete of bare rows", at_most(10, "delete")),
)
def delete_agent(place: Place, effort: Effort) -> list[Figure]:
    """As the service's role: all that is of the agent goes by cascades, and another agent's book stays.

    Beside the deletion of its transactions alone from a table with the same indexes and no triggers.
    """
    taken, bare = Figure("delete", "s"), Figure("of bare rows", "s")
    agents = min(effort.repetitions, 3)
    with place.book() as book, connected(book) as db, connected(book, AS_API) as api:
        make_wallets(db, agents + 1)
        for number in range(1, agents + 2):
            make_history(db, number, effort.of(50_000 if number <= agents else 1000))
        make_bare_table(db)
        db.execute(f"insert into bare ({STORED}) select {STORED} from agent_transactions")
        settle(db)
        for number in range(1, agents + 1):
            bare.values.append(seconds_of(lambda: _delete(db, "delete from bare where agent_id = %s", number)))
            taken.values.append(seconds_of(lambda: _delete(api, "delete from agents where id = %s", number)))
    return [taken, bare, ratio("delete of bare rows", taken, bare)]


def _delete(db: Db, statement: str, number: int) -> None:
    db.execute(statement, [agent(number)])

"""The cases, in the order of the README's table."""

from tests.bench.cases.batches import batches
from tests.bench.cases.deletions import delete_agent
from tests.bench.cases.growth import growth
from tests.bench.cases.http import summary_over_http, trades_over_http
from tests.bench.cases.imports import import_of_a_wallet
from tests.bench.cases.late_trades import late_trade
from tests.bench.cases.lists import list_of_swaps
from tests.bench.cases.prices import price_batch
from tests.bench.cases.signals import signal
from tests.bench.cases.sizes import bytes_on_disk
from tests.bench.cases.snapshots import snapshots
from tests.bench.cases.summaries import summary
from tests.bench.cases.trades import trades_of_many_wallets, trades_of_one_wallet

CASES = {
    case.name: case
    for case in (
        trades_of_many_wallets,
        trades_of_one_wallet,
        batches,
        trades_over_http,
        summary,
        summary_over_http,
        list_of_swaps,
        snapshots,
        price_batch,
        signal,
        late_trade,
        import_of_a_wallet,
        delete_agent,
        growth,
        bytes_on_disk,
    )
}

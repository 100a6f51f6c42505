"""Executes the orders of live wallets: claims them, has each one swapped, and reports what came of it.

The swap is a stand-in: it "fills" at the order's price, after a delay, and sometimes fails. `swap` is where a program
puts the real one, which holds the keys of the wallets. All else is as a real executor has it: it can be killed and
started at any time, several may run at once, and the service may be away.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import threading
import time
import uuid
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

EXACT = Context(prec=60)
LEASE_SECONDS = 60
MOST_ORDERS = 10
"""Claimed at once; they are done one after the other."""

stopping = threading.Event()


class SwapFailedError(Exception):
    """It did not happen, and will not."""


class RefusedError(Exception):
    """The service has refused a request: what its problem document says."""


def swap(order: dict[str, Any], options: argparse.Namespace, chance: random.Random) -> dict[str, str]:
    """Do what an order says, and tell what came of it. Raises SwapFailedError where it surely did not happen.

    THE REAL SWAP GOES HERE. `amount` is what is given: SOL of a buy, tokens of a sale. A real one asks for a quote,
    gives up where it would move the price by more than `maxPriceImpact`, signs with the key of `walletAddress`, stores
    the signature before it sends the transaction, and waits until the chain has confirmed it. Where it finds a
    signature of this order that was stored before, it asks the chain what became of that one, and sends nothing anew.
    """
    if stopping.wait(options.delay):
        raise SystemExit(0)  # nothing has happened: somebody else can claim it when the lease ends
    if chance.random() < options.fail_rate:
        raise SwapFailedError("no route was found")
    amount, price = Decimal(order["amount"]), Decimal(order["priceSol"])
    received = EXACT.divide(amount, price) if order["side"] == "buy" else EXACT.multiply(amount, price)
    return {
        "transactionHash": f"stand-in-{order['id']}",
        "outputAmount": f"{received.quantize(Decimal('1e-18'), ROUND_DOWN, EXACT):f}",
        "feesSol": "0.000005",
    }


class Service:
    """The service, which may be away for a while."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self.key = key

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        """The answer; the request is sent again until there is one. Raises RefusedError.

        All that is asked here can be sent twice: a claim by its Idempotency-Key, a fill by its signature.
        """
        headers |= {"X-API-Key": self.key, "Content-Type": "application/json"}
        while True:
            request = Request(self.base_url + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
            try:
                with urlopen(request, timeout=60) as answer:  # noqa: S310
                    return json.load(answer)
            except HTTPError as error:
                with error:
                    if error.code not in (429, 503):
                        raise RefusedError(error.read().decode()) from None
                    pause = float(error.headers["Retry-After"])
            except (URLError, TimeoutError, ConnectionError) as error:
                say(f"the service is away: {error}")
                pause = 0.5
            if stopping.wait(pause):
                raise SystemExit(0)


def say(words: str) -> None:
    """Tell a person."""
    print(words, flush=True)


def execute(service: Service, order: dict[str, Any], options: argparse.Namespace, chance: random.Random) -> None:
    """Have one claimed order swapped, and report it."""
    what = f"{order['id']}: {order['side']} {order['tokenSymbol']}, {order['reason']}"
    path = f"/trade-orders/{order['id']}"
    try:
        try:
            done = swap(order, options, chance)
        except SwapFailedError as failure:
            service.post(f"{path}/fail", {"error": str(failure)})
            say(f"failed {what}: {failure}")
        else:
            service.post(f"{path}/fill", done)
            say(f"filled {what}: {order['amount']} for {done['outputAmount']}")
    except RefusedError as refusal:
        # The chain and the book differ now, where it was swapped: a person has to look.
        say(f"REFUSED {what}: {refusal}")


def work(service: Service, options: argparse.Namespace) -> None:
    """Claim and execute orders until there are none (--once), or until it is stopped."""
    chance = random.Random(options.seed)  # noqa: S311
    claim = {"executor": options.name, "limit": MOST_ORDERS, "leaseSeconds": LEASE_SECONDS}
    while not stopping.is_set():
        # By the clock of this machine, from before they were claimed: what is left of a lease is never overstated.
        claimed_at = time.monotonic()
        orders = service.post("/trade-orders/claim", claim, **{"Idempotency-Key": str(uuid.uuid4())})
        for order in orders:
            # Whoever is late leaves it to others: two that swap would sell twice.
            if time.monotonic() + options.delay > claimed_at + LEASE_SECONDS / 2:
                break
            execute(service, order, options, chance)
        if not orders:
            if options.once:
                return
            stopping.wait(options.pause)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/executor", description=__doc__)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/api/v1", help="where the service is (%(default)s)")
    parser.add_argument(
        "--key",
        default=os.environ.get("EXECUTOR_KEY"),
        help="an API key with the scope trade; better in the environment, as EXECUTOR_KEY",
    )
    parser.add_argument(
        "--name", default=f"executor of {socket.gethostname()}", help="by which it claims (%(default)s)"
    )
    parser.add_argument("--delay", type=float, default=1, help="seconds that a swap takes (%(default)s)")
    parser.add_argument("--fail-rate", type=float, default=0, help="how many swaps fail: 0 to 1 (%(default)s)")
    parser.add_argument("--seed", help="the same seed, the same failures")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds until it asks again (%(default)s)")
    parser.add_argument("--once", action="store_true", help="end when there is no order left")
    options = parser.parse_args()
    if not options.key:
        parser.error("it takes a key: --key, or EXECUTOR_KEY")
    if not 0 <= options.delay <= LEASE_SECONDS / 3:
        parser.error(f"a delay is 0 to {LEASE_SECONDS // 3} seconds: a lease lasts {LEASE_SECONDS}")
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    try:
        work(Service(options.base_url.rstrip("/"), options.key), options)
    except RefusedError as refusal:
        raise SystemExit(str(refusal)) from None


if __name__ == "__main__":
    main()

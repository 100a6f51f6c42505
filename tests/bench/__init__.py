"""Benchmarks: each case interleaved with its yardstick on one server, so that what counts is their ratio."""

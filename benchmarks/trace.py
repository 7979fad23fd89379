"""How fast a trace is, next to the ways one would do it otherwise.

    python benchmarks/trace.py [--size 100k|1m] [--graph supply|chain]
                               [--database sqlite|postgres://user@host:port/name]
                               [--rounds N] [--skip METHOD ...]

Makes a synthetic supply chain in a database of its own (a file in a temporary folder, or on
PostgreSQL a new database beside the one named, dropped at the end), traces closures near
100, 10,000 and 100,000 holdings in turns, and prints medians of CPU and wall time and their
ratios to ours. CPU is that of Python and of the database's process together. All answers
(times and quantities) must be equal, else it stops. Exit code 1 when a floor is missed.
"""

import argparse
import gc
import random
import statistics
import sys

from databases import fresh_database, set_up

SIZES = {"100k": 100_000, "1m": 1_000_000}
TARGETS = (100, 10_000, 100_000)
# One query per holding takes minutes at 100,000.
NAIVE_UP_TO = 30_000
# And half a minute at 10,000, where one round of it has to do.
NAIVE_OFTEN_UP_TO = 1_000
LEAST_SECONDS = 0.05


def main() -> int:
    options = _options()
    with fresh_database(options.database) as database:
        set_up(database)
        return compare(options)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="100k")
    parser.add_argument("--graph", choices=["supply", "chain"], default="supply")
    parser.add_argument("--database", default="sqlite", metavar="sqlite|postgres://…")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--skip", nargs="*", default=[], metavar="METHOD")
    return parser.parse_args()


def compare(options) -> int:
    import trace_methods as ways
    from trace_graphs import GRAPHS

    graph = GRAPHS[options.graph](SIZES[options.size])
    links = ways.load(graph)
    print(
        f"{options.graph} {options.size}: {len(links):,} links, {len(graph.holdings):,} holdings,"
        f" {len(graph.origin):,} batches, {len(graph.places):,} places,"
        f" {'PostgreSQL' if ways.ON_POSTGRESQL else 'SQLite'}"
    )
    methods = {
        "ours": ways.ours,
        "naive ORM": ways.naive_orm,
        "recursive query": ways.recursive_query,
        "networkx": ways.InMemory(links),
    }
    methods = {name: way for name, way in methods.items() if name not in options.skip}
    cases = list(_cases(graph, links))
    gc.collect()
    gc.freeze()
    clock, missed = ways.Clock(), []
    for target, starts, levels in cases:
        found = _same_answers(methods, starts, target)
        times = _in_turns(methods, starts, found, clock, options.rounds)
        _print(f"{found:,} holdings, {levels} levels, {len(starts)} seeds", times)
        missed += _missed(options, target, times, ways.ON_POSTGRESQL)
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


def _cases(graph, links):
    """(target, {holding: since}, levels): what was at plants from some moment on, so many
    holdings that the closure comes near the target. Targets beyond the graph are left out."""
    from batches.tracing.graph import Seeds, among, walk

    links_of, dice = among(links), random.Random(7)
    leaves = {}
    for source, left_by, *_ in links:
        if graph.places[graph.holdings[source - 1][1]] == "plant":
            leaves.setdefault(source, []).append(left_by)
    seeds = [(holding, dice.choice(moments)) for holding, moments in leaves.items()]
    dice.shuffle(seeds)
    places = {holding: graph.holdings[holding - 1][1] for holding, _ in seeds}
    seeds.sort(key=lambda seed: places[seed[0]])
    for target in TARGETS:
        low, high = 1, len(seeds)
        while low < high:
            middle = (low + high) // 2
            trace = walk(Seeds(dict(seeds[:middle])), links_of)
            low, high = (middle + 1, high) if len(trace.bound) < target else (low, middle)
        starts = dict(seeds[:low])
        trace = walk(Seeds(starts), links_of)
        if len(trace.bound) >= 0.7 * target:
            yield target, starts, trace.levels


def _same_answers(methods, starts, target) -> int:
    """The number of holdings found, the same by every method in times and quantities."""
    since, received = methods["ours"](starts)
    for name, way in methods.items():
        if name != "naive ORM" or target <= NAIVE_UP_TO:
            answer = way(starts)
            if answer != (since, received):
                raise SystemExit(f"{name} gives another answer than ours.")
    return len(since)


def _in_turns(methods, starts, found, clock, rounds) -> dict[str, tuple[float, float]]:
    """Median (CPU, wall) seconds of one trace, the methods taking turns in every round."""
    samples = {name: [] for name in methods if name != "naive ORM" or found <= NAIVE_UP_TO}
    repeats = dict.fromkeys(samples, 1)
    order = list(samples)
    for turn in range(rounds + 1):
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            if name == "naive ORM" and turn > 1 and found > NAIVE_OFTEN_UP_TO:
                continue
            gc.collect()
            before = clock.read()
            for _ in range(repeats[name]):
                methods[name](starts)
            after = clock.read()
            spent = [(b - a) / repeats[name] for a, b in zip(before, after, strict=True)]
            if turn == 0:  # warms up, and says how often to repeat what is too short to measure
                repeats[name] = max(1, int(LEAST_SECONDS / max(spent[1], 1e-5)))
            else:
                samples[name].append(spent)
    return {
        name: tuple(statistics.median(column) for column in zip(*taken, strict=True))
        for name, taken in samples.items()
    }


def _print(title: str, times) -> None:
    print(f"\n{title}")
    print(f"  {'':16}{'CPU ms':>10}{'wall ms':>10}{'CPU / ours':>12}{'wall / ours':>12}")
    cpu, wall = times["ours"]
    for name, (own_cpu, own_wall) in times.items():
        print(
            f"  {name:16}{own_cpu * 1e3:10.1f}{own_wall * 1e3:10.1f}"
            f"{own_cpu / cpu:12.2f}{own_wall / wall:12.2f}"
        )
    if "naive ORM" not in times:
        print("  naive ORM       skipped: one query per holding takes minutes here")


def _missed(options, target, times, on_postgresql):
    """The floors, by CPU, on the shallow graph that they were set on."""
    if options.graph != "supply" or target == TARGETS[0]:
        return
    ours = times["ours"][0]
    if target == 10_000 and "naive ORM" in times and times["naive ORM"][0] < 40 * ours:
        yield f"only {times['naive ORM'][0] / ours:.0f} times naive ORM at {target:,}, not 40"
    allowed = 2.0 if on_postgresql else 1.2
    if "recursive query" in times and ours > allowed * times["recursive query"][0]:
        ratio = ours / times["recursive query"][0]
        yield f"{ratio:.2f} times the recursive query at {target:,}, more than {allowed}"


if __name__ == "__main__":
    sys.exit(main())

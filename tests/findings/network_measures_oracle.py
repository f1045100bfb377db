"""What the measures of a network must come to: fractions and sets, no graph library."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

Row = dict[str, Any]
Weights = Mapping[tuple[str, str], Fraction]


def counted(rows: Iterable[Row], fewest: int) -> dict[tuple[str, str], Row]:
    """The ties of an answer of the door that may be built on."""
    return {
        (row["from_id"], row["to_id"]): row
        for row in rows
        if None not in (row["from_id"], row["to_id"], row["n_patients"])
        and row["from_id"] != row["to_id"] and row["n_patients"] >= fewest
    }  # fmt: skip


class Measures:
    """Measures of ties with a weight each."""

    def __init__(self, weights: Weights, *, is_directed: bool) -> None:
        self.weights, self.is_directed = weights, is_directed
        self.nodes = sorted({node for pair in weights for node in pair})
        self.arcs = dict(weights)
        if not is_directed:
            self.arcs |= {(b, a): weight for (a, b), weight in weights.items()}
        self.near = {
            node: {b for a, b in self.arcs if a == node} | {a for a, b in self.arcs if b == node}
            for node in self.nodes
        }

    def of_nodes(self) -> dict[str, Row]:
        betweenness, closeness = self.ways()
        pagerank, core = self.pagerank(), self.core()
        found = {}
        for node in self.nodes:
            come = [w for (_, b), w in self.arcs.items() if b == node]
            out = [w for (a, _), w in self.arcs.items() if a == node]
            found[node] = {
                "degree_in": len(come), "degree_out": len(out), "degree": len(self.near[node]),
                "strength_in": float(sum(come)), "strength_out": float(sum(out)),
                "strength": float(sum(come) + (sum(out) if self.is_directed else 0)),
                "betweenness": betweenness[node], "closeness": closeness[node],
                "pagerank": pagerank[node], "clustering": self.clustering(node),
                "core": core[node],
                "is_articulation_point": self.n_parts({node}) > self.n_parts(set()),
            }  # fmt: skip
        return found

    def is_bridge(self, one: str, other: str) -> bool:
        return self.n_parts(set(), {one, other}) > self.n_parts(set())

    def ways(self) -> tuple[dict[str, float], dict[str, float]]:
        nodes, n = self.nodes, len(self.nodes)
        far: dict[tuple[str, str], Any] = dict.fromkeys(itertools.product(nodes, nodes), math.inf)
        far |= {pair: 1 / weight for pair, weight in self.arcs.items()}
        far |= {(node, node): Fraction(0) for node in nodes}
        for via, a, b in itertools.product(nodes, nodes, nodes):
            if math.inf not in (far[a, via], far[via, b]):
                far[a, b] = min(far[a, b], far[a, via] + far[via, b])
        n_ways = self.n_ways(far)
        between, close = {}, {}
        for node in nodes:
            share = 0.0
            for a, b in itertools.permutations([x for x in nodes if x != node], 2):
                if far[a, b] != math.inf and far[a, node] + far[node, b] == far[a, b]:
                    share += n_ways[a, node] * n_ways[node, b] / n_ways[a, b]
            between[node] = share / ((n - 1) * (n - 2)) if n > 2 else 0.0
            lead = [far[a, node] for a in nodes if a != node and far[a, node] != math.inf]
            close[node] = float(len(lead) ** 2 / ((n - 1) * sum(lead))) if lead else 0.0
        return between, close

    def n_ways(self, far: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], int]:
        found = {}
        for start in self.nodes:
            reached = sorted(
                (n for n in self.nodes if far[start, n] != math.inf), key=lambda n: far[start, n]
            )
            for node in reached:
                found[start, node] = (node == start) + sum(
                    found[start, a]
                    for (a, b), weight in self.arcs.items()
                    if b == node and (start, a) in found
                    and far[start, a] + 1 / weight == far[start, node]
                )  # fmt: skip
        return found

    def pagerank(self) -> dict[str, float]:
        """The linear equations, solved."""
        n, place = len(self.nodes), {node: i for i, node in enumerate(self.nodes)}
        steps = np.zeros((n, n))
        for (a, b), weight in self.arcs.items():
            steps[place[b], place[a]] = float(weight)
        out = steps.sum(axis=0)
        steps[:, out == 0] = 1.0
        steps /= steps.sum(axis=0)
        solved = np.linalg.solve(np.eye(n) - 0.85 * steps, np.full(n, 0.15 / max(n, 1)))
        return dict(zip(self.nodes, solved.tolist(), strict=True))

    def clustering(self, node: str) -> float | None:
        pairs = list(itertools.combinations(sorted(self.near[node]), 2))
        return sum(b in self.near[a] for a, b in pairs) / len(pairs) if pairs else None

    def core(self) -> dict[str, int]:
        """Peel: while somebody has fewer than k neighbours left, that one goes."""
        core = dict.fromkeys(self.nodes, 0)
        for k in range(1, len(self.nodes)):
            left = set(self.nodes)
            while weak := {node for node in left if len(self.near[node] & left) < k}:
                left -= weak
            for node in left:
                core[node] = k
        return core

    def n_parts(self, without: set[str], cut: Sequence[str] | set[str] = ()) -> int:
        left, n = set(self.nodes) - without, 0
        while left:
            new, n = {left.pop()}, n + 1
            while new:
                near = {(a, b) for a in new for b in self.near[a] & left if {a, b} != set(cut)}
                new = {b for _, b in near}
                left -= new
        return n

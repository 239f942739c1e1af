"""Wrong answers to the exercise `Node` in which one part is wrong: +, tanh, or which nodes count."""

from __future__ import annotations

import numpy as np


class OnlyLeavesGetOne:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OnlyLeavesGetOne(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OnlyLeavesGetOne(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OnlyLeavesGetOne(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        shares = dict.fromkeys(nodes, 0.0) | {self: 1.0}
        for node in reversed(nodes):
            for parent, local in node.parents:
                shares[parent] += local * shares[node]
        for node in nodes:
            if not node.parents:
                node.grad = shares[node]


class EqualValuesAreOne:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return EqualValuesAreOne(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return EqualValuesAreOne(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return EqualValuesAreOne(t, [(self, 1 - t * t)])

    def __eq__(self, other):
        return self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


class AddsInPlace:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        self.value += other.value
        self.parents = [*self.parents, (other, 1.0)]
        return self

    def __mul__(self, other):
        return AddsInPlace(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return AddsInPlace(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


class SumSharesHalf:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return SumSharesHalf(self.value + other.value, [(self, 0.5), (other, 0.5)])

    def __mul__(self, other):
        return SumSharesHalf(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return SumSharesHalf(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


class TanhByExponentials:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return TanhByExponentials(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return TanhByExponentials(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        up, down = np.exp(self.value), np.exp(-self.value)
        t = float((up - down) / (up + down))
        return TanhByExponentials(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad

"""Wrong answers that people give to the exercise `Node`, each as a learner would type it."""

from __future__ import annotations

import numpy as np

from checks.engine.exercise import Lazy

tf = Lazy("tensorflow")


class LastGradientWins:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return LastGradientWins(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return LastGradientWins(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return LastGradientWins(t, [(self, 1 - t * t)])

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
                parent.grad = local * node.grad


class NeverReset:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NeverReset(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NeverReset(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NeverReset(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


class NeverResetAnywhere:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NeverResetAnywhere(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NeverResetAnywhere(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NeverResetAnywhere(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        self.grad += 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


class OnlyLeavesReset:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OnlyLeavesReset(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OnlyLeavesReset(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OnlyLeavesReset(t, [(self, 1 - t * t)])

    def order(self, seen):
        if self in seen:
            return []
        seen.add(self)
        return [node for parent, _ in self.parents for node in parent.order(seen)] + [self]

    def backward(self):
        nodes = self.order(set())
        for node in nodes:
            node.grad = node.grad if node.parents else 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, local in node.parents:
                parent.grad += local * node.grad


class NearestFirst:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return NearestFirst(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return NearestFirst(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return NearestFirst(t, [(self, 1 - t * t)])

    def backward(self):
        nodes, seen = [self], {self}
        for node in nodes:
            for parent, _ in node.parents:
                if parent not in seen:
                    seen.add(parent)
                    nodes.append(parent)
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for parent, local in node.parents:
                parent.grad += local * node.grad


class LeavesFirst:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return LeavesFirst(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return LeavesFirst(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return LeavesFirst(t, [(self, 1 - t * t)])

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
        for node in nodes:
            for parent, local in node.parents:
                parent.grad += local * node.grad


class OwnFactor:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return OwnFactor(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return OwnFactor(self.value * other.value, [(self, self.value), (other, other.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return OwnFactor(t, [(self, 1 - t * t)])

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


class SlopeOfTanhAtTheInput:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return SlopeOfTanhAtTheInput(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return SlopeOfTanhAtTheInput(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return SlopeOfTanhAtTheInput(t, [(self, 1 - self.value**2)])

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


class ParentsInADict:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return ParentsInADict(self.value + other.value, {self: 1.0, other: 1.0}.items())

    def __mul__(self, other):
        return ParentsInADict(self.value * other.value, {self: other.value, other: self.value}.items())

    def tanh(self):
        t = float(np.tanh(self.value))
        return ParentsInADict(t, [(self, 1 - t * t)])

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


class EveryPath:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = float(value), parents, 0.0

    def __add__(self, other):
        return EveryPath(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return EveryPath(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = float(np.tanh(self.value))
        return EveryPath(t, [(self, 1 - t * t)])

    def spread(self, share):
        self.grad += share
        for parent, local in self.parents:
            parent.spread(share * local)

    def backward(self):
        below = [self]
        for node in below:
            node.grad = 0.0
            below.extend(parent for parent, _ in node.parents if parent not in below)
        self.spread(1.0)


class HalfTheDigits:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = np.float32(value), parents, np.float32(0)

    def __add__(self, other):
        return HalfTheDigits(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return HalfTheDigits(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        t = np.tanh(self.value)
        return HalfTheDigits(t, [(self, 1 - t * t)])

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

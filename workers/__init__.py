"""Computation: cell kinds, the engine and the runner; no Django anywhere below."""

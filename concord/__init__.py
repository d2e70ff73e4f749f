"""Composition root: the command line, the local stack, agencies, scenario, demo and benchmarks."""

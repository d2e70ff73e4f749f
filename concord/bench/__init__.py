"""Benchmarks: figures beside a baseline that is measured in the same minute on the same machine."""

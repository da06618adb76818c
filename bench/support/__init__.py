"""What the benchmarks share: databases of their own, a project at scale, and one way to report."""

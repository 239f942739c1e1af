"""Where a submission runs: behind a wall, in processes that are warm."""

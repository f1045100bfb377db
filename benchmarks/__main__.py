"""``python -m benchmarks``; see ``docs/benchmarks.md``."""

if __name__ == "__main__":
    # Each measurement's process reads this file too, and should read no more.
    from benchmarks.command import app

    app()

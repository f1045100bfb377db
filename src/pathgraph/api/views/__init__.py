"""From answers to what a template or a script draws: pure functions."""

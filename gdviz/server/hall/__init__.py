"""The hall: phones follow a lecturer, guess how a run ends, and see it revealed together."""

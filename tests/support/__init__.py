"""What the tests share and never do twice."""

"""`make bench`: compares the generated service with a hand-written reference."""

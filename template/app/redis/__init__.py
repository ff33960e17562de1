"""Redis or Valkey: counters and a cache that all processes share."""

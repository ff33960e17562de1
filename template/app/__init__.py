"""The service: main knows all rooms, and imports point one way through them."""

"""HTTP: parses requests, calls one service method, and shapes the response."""

"""Speaks HTTP: parse, call one service method, shape the answer."""

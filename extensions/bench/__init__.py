"""Measures the generated service beside what a careful hand writes."""

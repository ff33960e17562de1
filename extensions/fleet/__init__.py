"""Brings the newest release into many projects, and says how each of them is."""

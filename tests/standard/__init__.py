"""Tests of the standard: each rule is a gate, and each gate finds its violation."""

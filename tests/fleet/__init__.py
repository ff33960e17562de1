"""Tests of adoption and of updates of many repositories."""

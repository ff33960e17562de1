"""Tests of the template itself: its questions, files, rules, commands and documents."""

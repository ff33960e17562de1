"""Tests of images, compose files, manifests and pipelines, built and run."""

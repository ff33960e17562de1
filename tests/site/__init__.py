"""Tests of the site: the configurator in Node and in Chromium, and the pages."""

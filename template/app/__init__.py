"""The service. Imports point one way: main, api, services, models, db, core."""

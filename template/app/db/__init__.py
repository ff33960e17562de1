"""Database access: what services import. Each backend has its own module."""

from app.db.database import Database, Row, Transaction
from app.db.errors import ConstraintViolationError, conflict

__all__ = ["ConstraintViolationError", "Database", "Row", "Transaction", "conflict"]

"""Database access: the interface for services, and one implementation per backend."""

from app.db.database import Database, Row, Transaction
from app.db.errors import ConstraintViolationError, conflict

__all__ = ["ConstraintViolationError", "Database", "Row", "Transaction", "conflict"]

import os

from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine(os.environ.get("DATABASE_URL", "postgresql://localhost/stock"))
Base = declarative_base()
Local = sessionmaker(bind=engine)


class Good(Base):
    __tablename__ = "goods"
    id = Column(Integer, primary_key=True)
    left = Column(Integer, default=0)


def session():
    db = Local()
    try:
        yield db
    finally:
        db.close()

from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from .models import Good, session

app = FastAPI()


@app.get("/goods")
def goods(db: Session = Depends(session)):
    return [{"id": good.id, "left": good.left} for good in db.query(Good).all()]

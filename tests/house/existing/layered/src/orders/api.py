from fastapi import APIRouter, FastAPI

from orders.service import total

router = APIRouter(prefix="/orders")


@router.post("/total")
async def answer(prices: list[float]) -> dict[str, float]:
    return {"total": total(prices)}


app = FastAPI(title="Orders")
app.include_router(router)
